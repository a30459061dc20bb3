/** Judges over real HTTP: the `openai` backend with a server whose verdicts are known. */
import type { GradeContext, Model } from '../../core/index.js';
import { OpenAi } from '../../plugins/models/openai.js';
import { scriptedEngine, type Asked } from './openai-server/scripted-engine.js';
import { startServer, type RunningServer } from './openai-server/server.js';
import { createInstance } from './instance.js';

/** A judge that can receive requests. */
export interface RunningJudge {
  readonly ask: GradeContext['ask'];
  readonly server: RunningServer;
  readonly close: () => Promise<void>;
}

/** Starts a judge that replies with the result of `reply`. */
export async function startJudge(
  reply: (messages: Asked) => string,
  model = 'judge',
): Promise<RunningJudge> {
  const server = await startServer({ engine: scriptedEngine(model, reply) });
  const own = createInstance('model', OpenAi, {
    model,
    baseUrl: server.url,
    retries: 1,
    backoffSeconds: 0.001,
  }) as Model;
  return {
    ask: async (_name, prompt, settings) => {
      const outcomes = await own.generate?.(
        [prompt],
        { ...settings, n: 1 },
        { signal: new AbortController().signal, advance: () => undefined },
      );
      const [outcome] = outcomes ?? [];
      if (outcome === undefined) throw new Error('the backend gave nothing back');
      const [completion] = outcome.ok ? outcome.value : [];
      return completion === undefined
        ? (outcome as Exclude<typeof outcome, { ok: true }>)
        : { ok: true, value: completion };
    },
    server,
    close: async () => {
      await own.close?.();
      await server.close();
    },
  };
}

const part = (prompt: string, name: string): string =>
  prompt.split(`<${name}>\n`)[1]?.split(`\n</${name}>`)[0] ?? '';

/** Takes the right answer from the prompt and requires the same words. */
export function fairReply(messages: Asked): string {
  const prompt = messages[0]?.content ?? '';
  if (prompt.includes('Correct or Incorrect')) {
    const [response = '', wanted = ''] = (prompt.split('Response:\n')[1] ?? '').split(
      '\n\nCorrect answer:\n',
    );
    return wanted.split(' or ').includes(response) ? '[Correct]' : '**INCORRECT**.';
  }
  const known = part(prompt, 'known-answer').split('\n\nor\n\n');
  return known.includes(part(prompt, 'judged-answer'))
    ? 'The same.\nRating: [[10]]'
    : 'Not the same.\nRating: [[2]]';
}

const words = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}+-]+/gu, ' ')
    .trim();

/**
 * A judge that follows a rule: it has the key of the questions (question → right answers) and reads
 * the answer itself, which is right if its words are those in the key. The hurried one reads only
 * the first character. Rates, compares or verifies, depending on the request.
 */
export function judgeWithKey(
  key: ReadonlyMap<string, readonly string[]>,
  hurried: boolean,
): (messages: Asked) => string {
  const seen = (text: string): string => (hurried ? words(text).slice(0, 1) : words(text));
  return (messages) => {
    const prompt = messages[0]?.content ?? '';
    const verifies = prompt.includes('Correct or Incorrect');
    const question = verifies
      ? (/Question:\n([\s\S]*?)\n\nResponse:/.exec(prompt)?.[1] ?? '')
      : part(prompt, 'request');
    const right = (key.get(question) ?? []).map(seen);
    const isRight = (answer: string): boolean => right.includes(seen(answer));
    if (verifies)
      return isRight((prompt.split('Response:\n')[1] ?? '').split('\n\nCorrect answer:\n')[0] ?? '')
        ? 'Correct'
        : 'Incorrect';
    if (prompt.includes('<answer-A>')) {
      const [a, b] = [isRight(part(prompt, 'answer-A')), isRight(part(prompt, 'answer-B'))];
      const better = a ? 'A' : 'B';
      return `A is ${a ? 'right' : 'wrong'}, B is ${b ? 'right' : 'wrong'}. [[${a === b ? 'C' : better}]]`;
    }
    const answer = part(prompt, 'judged-answer') || part(prompt, 'answer');
    return isRight(answer) ? 'This is right. Rating: [[10]]' : 'This is not right. Rating: [[2]]';
  };
}
