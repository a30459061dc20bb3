import type { RouterDefinition } from '../../core/index.js';
import type { SignalRequest } from '../../core/signals/requests.js';

/** The name of the function that makes a request: its kind in camel case. */
const call = ({ kind }: SignalRequest): string =>
  kind.replace(/-([a-z])/g, (_whole, letter: string) => letter.toUpperCase());

/** The row of docs/routers.md for a router's definition, with its default options. */
export function routerRow({
  name,
  summary,
  needs,
  formula,
  source,
  cost,
  aliases,
  options,
}: RouterDefinition): string {
  const requests = typeof needs === 'function' ? needs(options?.parse({})) : needs;
  const signals =
    requests.length === 0
      ? 'query text'
      : requests.map((request) => `\`${call(request)}\``).join(', ');
  const names = [`\`${name}\``, ...(aliases ?? []).map((alias) => `(${alias})`)].join(' ');
  return `| ${[names, summary, signals, formula ?? '', source ?? '', cost ?? ''].join(' | ')} |`;
}
