/** Problems of a config, from what its schema found. */
import type { z } from 'zod';

/** What is wrong, and where. */
export interface ConfigProblem {
  readonly path: readonly string[];
  readonly problem: string;
}

type Issue = z.core.$ZodIssue;

const isWrongType = (issue: Issue): boolean =>
  issue.code === 'invalid_type' && issue.path.length === 0;

/** Of forms that a value may have, what is wrong with the one that it was meant to have. */
function findUnionProblems(issue: z.core.$ZodIssueInvalidUnion): readonly ConfigProblem[] {
  const path = issue.path.map(String);
  const close = issue.errors.filter((issues) => !issues.some(isWrongType));
  const inside = close.length === 1 ? findProblems(close[0] ?? []) : [];
  const hasMessage = issue.message !== 'Invalid input';
  if (inside.length > 0 && !(hasMessage && inside.every((one) => one.path.length === 0)))
    return inside.map((one) => ({ ...one, path: [...path, ...one.path] }));
  const expected = issue.errors.flatMap((issues) =>
    issues.flatMap((one) => (one.code === 'invalid_type' ? [one.expected] : [])),
  );
  const types = [...new Set(expected)].join(' or ');
  return [{ path, problem: hasMessage ? issue.message : `Invalid input: expected ${types}` }];
}

/** Problems in words. Of unknown keys the first is part of the path. */
export function findProblems(issues: readonly Issue[]): readonly ConfigProblem[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'invalid_union') return findUnionProblems(issue);
    const keys = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
    return [{ path: [...issue.path.map(String), ...keys], problem: issue.message }];
  });
}
