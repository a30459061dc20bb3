import {
  inject,
  OPTIONS,
  scorer,
  z,
  type DatasetRow,
  type Grade,
  type GradeContext,
  type GradedAnswer,
  type JsonObject,
  type Scorer,
} from '../../core/index.js';
import { EMPTY, isEmpty, getReferences } from './_answer/empty.js';
import { askJudge, type Asked, type Asking } from './_judge/ask.js';
import { filled } from './_judge/prompt-hash.js';
import {
  AGAIN,
  HASH,
  PAIRWISE,
  RATING,
  REFERENCE,
  TURN,
  TURN_REFERENCE,
  VERSION,
} from './_judge/prompts.js';
import { ratingIn, verdictIn } from './_judge/verdict.js';

const Options = z.strictObject({
  /** The entry of the config's `models` that judges. */
  model: z.string().default('judge'),
  /**
   * `rating`: the answer alone. `reference`: together with the reference. `pairwise`: against the
   * reference, in both orders. `mt-bench`: every turn of a conversation. `auto`: `mt-bench` for
   * rows with further turns, `rating` for all others.
   */
  mode: z.enum(['auto', 'rating', 'reference', 'pairwise', 'mt-bench']).default('auto'),
  /** Domains whose turns are judged together with their references, in `mt-bench`. */
  referenceDomains: z.array(z.string()).default(['math', 'reasoning', 'coding']),
  maxTokens: z.int().positive().default(2048),
  temperature: z.number().min(0).default(0),
  topP: z.number().gt(0).max(1).default(1),
  seed: z.int().default(0),
});
type Options = z.infer<typeof Options>;

const [WORST, TIE, BEST] = [1, 5.5, 10];

/**
 * A language model's rating from 1 to 10. `pairwise` gives 10 if the answer wins in both orders, 1
 * if it loses in both, otherwise 5.5. If a reply has no `[[n]]`, the judge is asked once more; if
 * there is none again, there is no grade. Modes and two-turn judging follow Zheng et al. 2023
 * (arXiv 2306.05685), in our wording.
 */
@scorer({
  name: 'llm-judge',
  summary:
    'A language model rates the answer from 1 to 10: alone, beside a reference, against it, or turn by turn',
  aliases: ['judge', 'llm_judge'],
  scale: [1, 10],
  options: Options,
  models: ({ model }) => [model],
})
export class LlmJudge implements Scorer {
  readonly #rating: Asking<number>;
  readonly #verdict: Asking<'A' | 'B' | 'C'>;

  constructor(@inject(OPTIONS) private readonly options: Options) {
    const { model, maxTokens, temperature, topP, seed } = options;
    const settings = { maxTokens, temperature, topP, seed };
    this.#rating = { model, settings, read: ratingIn, again: AGAIN.rating };
    this.#verdict = { model, settings, read: verdictIn, again: AGAIN.verdict };
  }

  readonly facts = (): JsonObject => ({
    mode: this.options.mode,
    prompt: { version: VERSION, hash: HASH },
  });

  readonly grade = async (
    row: DatasetRow,
    answer: GradedAnswer,
    context: GradeContext,
  ): Promise<Grade> => {
    if (isEmpty(answer.text)) return EMPTY;
    const { mode } = this.options;
    if (mode === 'mt-bench' || (mode === 'auto' && row.turns !== undefined))
      return await this.#conversation(row, answer, context);
    const references = getReferences(row);
    const [reference] = references;
    if (mode === 'auto' || mode === 'rating')
      return await this.#rated(
        context,
        filled(RATING, { question: row.prompt, answer: answer.text }),
      );
    if (reference === undefined)
      return { value: null, reason: `mode "${mode}" needs a reference, and the row has none` };
    if (mode === 'reference')
      return await this.#rated(
        context,
        filled(REFERENCE, {
          question: row.prompt,
          answer: answer.text,
          reference: references.join('\n\nor\n\n'),
        }),
      );
    return await this.#pairwise(row.prompt, answer.text, reference, context);
  };

  async #rated(context: GradeContext, prompt: string): Promise<Grade> {
    const asked = await askJudge(context, prompt, this.#rating);
    return 'problem' in asked ? { value: null, reason: asked.problem } : { value: asked.value };
  }

  async #pairwise(
    question: string,
    answer: string,
    reference: string,
    context: GradeContext,
  ): Promise<Grade> {
    const compare = async (first: string, second: string): Promise<Asked<'A' | 'B' | 'C'>> =>
      await askJudge(context, filled(PAIRWISE, { question, first, second }), this.#verdict);
    const [ahead, behind] = await Promise.all([
      compare(answer, reference),
      compare(reference, answer),
    ]);
    if ('problem' in ahead) return { value: null, reason: ahead.problem };
    if ('problem' in behind) return { value: null, reason: behind.problem };
    if (ahead.value === 'A' && behind.value === 'B') return { value: BEST };
    return { value: ahead.value === 'B' && behind.value === 'A' ? WORST : TIE };
  }

  /** The mean rating of all turns, each judged with the conversation before it. */
  async #conversation(
    row: DatasetRow,
    answer: GradedAnswer,
    context: GradeContext,
  ): Promise<Grade> {
    const questions = [row.prompt, ...(row.turns ?? [])];
    const answers = [answer.text, ...(answer.further ?? [])];
    if (answers.length !== questions.length)
      return { value: null, reason: `${answers.length} answers to ${questions.length} turns` };
    const references = getReferences(row);
    const guided =
      this.options.referenceDomains.includes(row.domain) && references.length === questions.length;
    const formatTurns = (by: readonly string[], turns: number): string =>
      questions
        .slice(0, turns)
        .map((question, i) => `User: ${question}\n\nAssistant: ${by[i] as string}`)
        .join('\n\n');
    const grades = await Promise.all(
      questions.map(async (_, i) => {
        const conversation = formatTurns(answers, i + 1);
        return await this.#rated(
          context,
          guided
            ? filled(TURN_REFERENCE, { conversation, reference: formatTurns(references, i + 1) })
            : filled(TURN, { conversation }),
        );
      }),
    );
    let sum = 0;
    for (const [i, grade] of grades.entries()) {
      if (grade.value === null) return { value: null, reason: `turn ${i + 1}: ${grade.reason}` };
      sum += grade.value;
    }
    return { value: sum / grades.length };
  }
}
