/**
 * `rxb prepare --check`: whether all data is present and valid, and which splits share questions.
 * Calls no model and downloads nothing.
 */
import { sharedText } from '../../pipeline/hygiene.js';
import { makePlan } from '../../pipeline/plan.js';
import type { Project } from '../../pipeline/project.js';
import type { QuerySet } from '../../pipeline/query-set.js';
import { printJson, type ExitCode, type Io } from '../io.js';
import type { Selection } from '../../pipeline/planning/planned.js';

/**
 * Reads every split that a run would use, checks files, rows and ids, and prints what there is.
 * What is missing or wrong is thrown.
 */
export async function checkData(
  project: Project,
  selection: Selection & { readonly json: boolean },
  io: Io,
): Promise<ExitCode> {
  const plan = await makePlan(project, selection);
  await Promise.all([...plan.models.values()].map(({ model }) => model.close?.()));
  const splits = plan.sets
    .flatMap(({ fit, test }) => [fit, test])
    .filter((set): set is QuerySet => set !== null);
  const overlap = [...plan.shared, ...plan.between()];
  if (selection.json) {
    printJson(io, {
      splits: splits.map(({ dataset, split, rows, contentHash }) => ({
        dataset,
        split,
        rows,
        content: contentHash,
      })),
      overlap,
    });
    return 0;
  }
  for (const { dataset, split, rows, contentHash } of splits)
    io.out(
      `${`${dataset}/${split}`.padEnd(36)} ${String(rows).padStart(7)} ${rows === 1 ? 'row ' : 'rows'}  content ${contentHash}\n`,
    );
  io.out(
    overlap.length === 0
      ? 'No question is in two splits.\n'
      : overlap.map((shared) => `${sharedText(shared)}\n`).join(''),
  );
  return 0;
}
