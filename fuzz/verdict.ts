/** What came of a case, and what a process and its parent say to each other. */

/**
 * `accepted` and `refused` (with a code) are right; the others are faults of the product:
 * `uncoded`: it threw something that no user can act on; `wrong`: it accepted what it must not;
 * `hang`: it took too long; `ended`: its process ended.
 */
type VerdictKind = 'accepted' | 'refused' | 'uncoded' | 'wrong' | 'hang' | 'ended';

/** What came of a case. */
export interface Verdict {
  readonly kind: VerdictKind;
  /** The codes of what refused it. */
  readonly codes?: readonly string[];
  /** What is wrong, and where: equal for cases that show the same fault. */
  readonly problem?: string;
  /** Whether its process cannot run further cases. */
  readonly endsProcess?: boolean;
}

/** Whether a verdict is a fault of the product. */
export const isFault = ({ kind }: Verdict): boolean => kind !== 'accepted' && kind !== 'refused';

/** What a process of cases says: it is ready, it begins a case, it has ended one. */
export type CaseMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'begins'; readonly files: readonly string[] }
  | { readonly type: 'ends'; readonly verdict: Verdict };
