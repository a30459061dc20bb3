import type { FuzzReport } from './run-target.js';

/** The lines that a person reads about a target. */
export function reportText(name: string, report: FuzzReport): string {
  const { cases, accepted, refused, faults, slowest } = report;
  const codes = Object.entries(refused)
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => `${code} ${count}`);
  const sum = (kind: string): number =>
    faults.reduce((all, { verdict, count }) => all + (verdict.kind === kind ? count : 0), 0);
  const counted = (['uncoded', 'wrong', 'hang', 'ended'] as const).map(
    (kind) => `${sum(kind)} ${kind}`,
  );
  const lines = [
    `${name}: ${cases} cases, ${accepted} accepted, ${counted.join(', ')}; slowest ${slowest.seconds.toFixed(1)} s (case ${slowest.number})`,
    `  refused with ${codes.join(', ') || 'nothing'}`,
    ...faults.map(
      ({ verdict, first, count }) =>
        `  ${verdict.kind}, ${count} times, first in case ${first}: ${verdict.problem ?? ''}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
