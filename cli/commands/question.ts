/** `rxb question RUN ID`: one question of a run. */
import { findQuestions, type QuestionView } from '../../pipeline/question.js';
import { SIDES, type Side } from '../../pipeline/stages/prepared.js';
import { suggestion } from '../../core/util/closest.js';
import { CliError } from '../errors.js';
import { printJson, type ExitCode, type GlobalOptions, type Io } from '../io.js';
import { openRunProject } from '../open-run.js';
import { progress } from '../progress.js';

/** Flags of the command. */
export interface QuestionFlags extends GlobalOptions {
  readonly results?: string;
}

const NOT_STORED = 'not stored for the present config';

const indent = (text: string): string => text.replace(/^/gm, '  ');

function gradeText(grade: QuestionView['models'][Side]['grade']): string {
  if (grade === null) return `grade ${NOT_STORED}`;
  const { value, reason, scorer } = grade;
  if (value === null) return `no grade: ${reason ?? 'no reason was stored'}`;
  return `grade ${value}${[scorer, reason].map((note) => (note === undefined ? '' : ` (${note})`)).join('')}`;
}

function modelText({ models }: QuestionView, side: Side): string {
  const { answer, grade } = models[side];
  const head = `${side}, ${gradeText(grade)}:`;
  if (answer === null) return `${head}\n  ${NOT_STORED}`;
  if ('error' in answer) return `${head}\n  failed: ${answer.error.code} ${answer.error.message}`;
  const cut = answer.finish === 'length' ? ['(cut off at the token limit)'] : [];
  const thought = answer.thinking === undefined ? [] : [`(thought first)\n${answer.thinking}`];
  return [head, ...[...thought, answer.text, ...(answer.further ?? []), ...cut].map(indent)].join(
    '\n',
  );
}

function inWords(view: QuestionView): string {
  const { run, dataset, split, row, confidences } = view;
  const references = [row.reference].flat().join(' | ');
  const names = confidences.map(({ router, seed }) =>
    seed === null ? router : `${router}, seed ${seed}`,
  );
  const width = Math.max(0, ...names.map(({ length }) => length));
  return [
    `${dataset}/${row.id} (split ${split}, run ${run})`,
    '',
    'question:',
    ...[row.prompt, ...(row.turns ?? [])].map(indent),
    ...(references === '' ? [] : [`reference:\n${indent(references)}`]),
    ...SIDES.map((side) => modelText(view, side)),
    'confidences:',
    ...(names.length === 0 ? ['  none is stored'] : []),
    ...confidences.map(
      ({ confidence }, i) =>
        `  ${(names[i] ?? '').padEnd(width)}  ${confidence === null ? '– (none)' : confidence}`,
    ),
    '',
  ].join('\n');
}

/** Prints a question with its answers, grades and confidences. */
export async function questionCommand(
  [run = '', id = '']: readonly string[],
  options: QuestionFlags,
  io: Io,
): Promise<ExitCode> {
  const { config: configFile, results } = options;
  const observer = progress(io, true);
  try {
    const opening = { configFile, results, run, observer, keyless: true };
    const { questions, ids } = await findQuestions(await openRunProject(io, opening), id);
    if (questions.length === 0)
      throw new CliError('unknownQuestion', { run, id, suggestion: suggestion(id, ids) });
    if (options.json === true) printJson(io, questions);
    else io.out(questions.map(inWords).join('\n'));
    return 0;
  } finally {
    observer.end();
  }
}
