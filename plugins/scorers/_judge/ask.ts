import type { GenerateSettings, GradeContext, Message } from '../../../core/index.js';

/** The outcome of a request to a judge. */
export type Asked<T> = { readonly value: T } | { readonly problem: string };

/** How to ask, and how to read the reply. */
export interface Asking<T> {
  readonly model: string;
  readonly settings: GenerateSettings;
  readonly read: (reply: string) => T | undefined;
  /** The reminder if a reply cannot be read. */
  readonly again: string;
}

const shown = (reply: string): string => JSON.stringify(reply.trim().slice(-80));

/** Asks; if the reply cannot be read, asks once more with the reply and a reminder. */
export async function askJudge<T>(
  context: GradeContext,
  prompt: string,
  { model, settings, read, again }: Asking<T>,
): Promise<Asked<T>> {
  const messages: Message[] = [{ role: 'user', content: prompt }];
  let reply = '';
  for (let attempt = 0; attempt < 2; attempt++) {
    const outcome = await context.ask(model, { form: 'chat', messages: [...messages] }, settings);
    if (!outcome.ok) return { problem: `the judge failed: ${outcome.code} ${outcome.message}` };
    reply = outcome.value.text;
    const value = read(reply);
    if (value !== undefined) return { value };
    messages.push({ role: 'assistant', content: reply }, { role: 'user', content: again });
  }
  return { problem: `the judge's reply cannot be read, twice: ${shown(reply)}` };
}
