/** Judges over real HTTP: the `openai` backend in front of a server whose verdicts are known. */
import type { GradeContext, Model } from '../../../core/index.js';
import { OpenAi } from '../../../plugins/models/openai.js';
import { scriptedEngine, type Asked } from '../../openai-server/scripted-engine.js';
import { startServer, type RunningServer } from '../../openai-server/server.js';
import { instanceOf } from '../instance.js';

/** A judge that can be asked. */
export interface RunningJudge {
  readonly ask: GradeContext['ask'];
  readonly server: RunningServer;
  readonly close: () => Promise<void>;
}

/** Starts a judge that replies what `reply` says. */
export async function startJudge(reply: (messages: Asked) => string, model = 'judge'): Promise<RunningJudge> {
  const server = await startServer({ engine: scriptedEngine(model, reply) });
  const own = instanceOf('model', OpenAi, { model, baseUrl: server.url, retries: 1, backoffSeconds: 0.001 }) as Model;
  return {
    ask: async (_name, prompt, settings) => {
      const outcomes = await own.generate?.([prompt], { ...settings, n: 1 }, { signal: new AbortController().signal, advance: () => undefined });
      const [outcome] = outcomes ?? [];
      if (outcome === undefined) throw new Error('the backend gave nothing back');
      const [completion] = outcome.ok ? outcome.value : [];
      return completion === undefined ? (outcome as Exclude<typeof outcome, { ok: true }>) : { ok: true, value: completion };
    },
    server,
    close: async () => {
      await own.close?.();
      await server.close();
    },
  };
}

const part = (prompt: string, name: string): string => prompt.split(`<${name}>\n`)[1]?.split(`\n</${name}>`)[0] ?? '';

/** Knows the right answers by heart: reads them from the prompt and wants the same words. */
export function fairReply(messages: Asked): string {
  const prompt = messages[0]?.content ?? '';
  if (prompt.includes('Correct or Incorrect')) {
    const [response = '', wanted = ''] = (prompt.split('Response:\n')[1] ?? '').split('\n\nCorrect answer:\n');
    return wanted.split(' or ').includes(response) ? '[Correct]' : '**INCORRECT**.';
  }
  const known = part(prompt, 'known-answer').split('\n\nor\n\n');
  return known.includes(part(prompt, 'judged-answer')) ? 'The same.\nRating: [[10]]' : 'Not the same.\nRating: [[2]]';
}
