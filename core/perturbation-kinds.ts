/** Ways to change a query without changing its meaning. */
export const PERTURBATION_KINDS = ['whitespace', 'case', 'paraphrase'] as const;

/** One of them. */
export type PerturbationKind = (typeof PERTURBATION_KINDS)[number];
