/** How a set turns grades into labels. */
export type LabelRule =
  { readonly kind: 'correct'; readonly threshold: number } | { readonly kind: 'at-least-strong' };

/** 1 where the weak model will do. Grades are in the set's own scale. */
export function computeLabel(rule: LabelRule, weak: number, strong: number): 0 | 1 {
  return (rule.kind === 'correct' ? weak >= rule.threshold : weak >= strong) ? 1 : 0;
}
