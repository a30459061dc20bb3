/** The prompt of the verifier. */
import { getErrorMessage, type Files } from '../../../core/index.js';
import { promptHash } from '../_judge/prompt-hash.js';
import { pythonStrings } from './python-strings.js';
import { ScorerError } from '../_errors.js';

/** A prompt and its source. */
export interface VerifierPrompt {
  readonly from: 'checkout' | 'own';
  readonly template: string;
  readonly hash: string;
}

/** Version of our wording. */
export const OWN_VERSION = 1;

/**
 * For users without a checkout. xVerify was tuned on its own prompt, so its verdicts are more
 * reliable with that.
 */
const OWN = `Decide whether the final answer within a response is the same as the correct answer of a question.
Look at the final answer only, not at the way to it. Another notation of the same thing is the same. A response without a final answer, or with several that differ, is incorrect.
Reply with one word: Correct or Incorrect.

Question:
{question}

Response:
{output}

Correct answer:
{answer}`;

/**
 * Path of the prompt in a checkout of xVerify.
 * @internal Exported for its tests.
 */
export const PROMPT_FILE = 'src/xVerify/prompts/judge_prompt.py';

const PLACEHOLDERS = ['{question}', '{output}', '{answer}'] as const;

const ownPrompt: VerifierPrompt = { from: 'own', template: OWN, hash: promptHash(OWN) };

/**
 * The prompt of a checkout. If `checkout` is undefined, looks in external/xverify and falls back to
 * our wording if nothing is there; a folder that is named must contain it.
 * @throws HarnessError RXB7101
 */
export async function verifierPrompt(
  files: Files,
  checkout: string | undefined,
): Promise<VerifierPrompt> {
  const file = `${checkout ?? 'external/xverify'}/${PROMPT_FILE}`;
  let source: string;
  try {
    source = Buffer.from(await files.bytes(file)).toString('utf8');
  } catch (cause) {
    if (checkout === undefined) return ownPrompt;
    throw new ScorerError(
      'xverifyPromptUnreadable',
      { file, problem: getErrorMessage(cause) },
      { cause },
    );
  }
  const template = pythonStrings(source).find((text) =>
    PLACEHOLDERS.every((placeholder) => text.includes(placeholder)),
  );
  if (template === undefined)
    throw new ScorerError('xverifyPromptUnreadable', {
      file,
      problem: `no string in it contains ${PLACEHOLDERS.join(', ')}`,
    });
  return { from: 'checkout', template, hash: promptHash(template) };
}
