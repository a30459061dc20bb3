import {
  FILES,
  inject,
  OPTIONS,
  scorer,
  z,
  type DatasetRow,
  type Files,
  type Grade,
  type GradeContext,
  type GradedAnswer,
  type JsonObject,
  type Scorer,
} from '../../core/index.js';
import { EMPTY, isEmpty, getReferences } from './_answer/empty.js';
import { filled } from './_judge/prompt-hash.js';
import { OWN_VERSION, verifierPrompt, type VerifierPrompt } from './_xverify/prompt.js';

const Options = z.strictObject({
  /** The entry of the config's `models` for the xVerify server. */
  model: z.string().default('xverify'),
  /**
   * Folder of a checkout of IAAR-Shanghai/xVerify, whose prompt is used; default: external/xverify
   * if it exists, else our wording.
   */
  checkout: z.string().min(1).optional(),
  maxTokens: z.int().positive().default(2048),
  temperature: z.number().min(0).default(0.1),
  topP: z.number().gt(0).max(1).default(0.7),
  seed: z.int().default(0),
});
type Options = z.infer<typeof Options>;

/** The verifier's verdict in one word, ignoring case and brackets around it. */
const verdictIn = (reply: string): 0 | 1 | undefined => {
  if (reply.length > 200) return undefined;
  const word = reply.replace(/^[\s[\](){}<>*_`"'.!:]+|[\s[\](){}<>*_`"'.!:]+$/g, '').toLowerCase();
  if (word === 'correct') return 1;
  return word === 'incorrect' ? 0 : undefined;
};

/**
 * Whether xVerify (Chen et al. 2025, arXiv 2504.10481) considers the final answer equal to the
 * reference: 1 for Correct, 0 for Incorrect, null for any other reply. Sampling is seeded, so a
 * server that honours seeds repeats its verdict.
 */
@scorer({
  name: 'xverify',
  summary: 'The xVerify model says whether the final answer equals the reference',
  scale: [0, 1],
  options: Options,
  models: ({ model }) => [model],
})
export class XVerify implements Scorer {
  #prompt: Promise<VerifierPrompt> | undefined;

  constructor(
    @inject(OPTIONS) private readonly options: Options,
    @inject(FILES) private readonly files: Files,
  ) {}

  readonly facts = async (): Promise<JsonObject> => {
    const { from, hash } = await this.#read();
    return { prompt: { from, hash, ...(from === 'own' ? { version: OWN_VERSION } : {}) } };
  };

  readonly grade = async (
    row: DatasetRow,
    { text }: GradedAnswer,
    context: GradeContext,
  ): Promise<Grade> => {
    if (isEmpty(text)) return EMPTY;
    const references = getReferences(row);
    if (references.length === 0) return { value: null, reason: 'the row has no reference' };
    const { template } = await this.#read();
    const { model, maxTokens, temperature, topP, seed } = this.options;
    const content = filled(template, {
      question: row.prompt,
      output: text,
      answer: references.join(' or '),
    });
    const outcome = await context.ask(
      model,
      { form: 'chat', messages: [{ role: 'user', content }] },
      { maxTokens, temperature, topP, seed },
    );
    if (!outcome.ok)
      return { value: null, reason: `the verifier failed: ${outcome.code} ${outcome.message}` };
    const value = verdictIn(outcome.value.text);
    return value === undefined
      ? {
          value: null,
          reason: `the verifier replied neither Correct nor Incorrect: ${JSON.stringify(outcome.value.text.trim().slice(0, 80))}`,
        }
      : { value };
  };

  #read(): Promise<VerifierPrompt> {
    return (this.#prompt ??= verifierPrompt(this.files, this.options.checkout));
  }
}
