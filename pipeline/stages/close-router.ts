import type { RouterInstance } from '../../core/router-instance.js';
import { getPrinted } from '../../sandbox/isolated-router.js';
import type { RunContext } from '../run-context.js';

/** Characters of a router's output that are kept: the last ones. */
const MOST_PRINTED = 2 ** 18;

/** Keeps what a router printed. */
export function keepPrinted(
  { printed }: Pick<RunContext, 'printed'>,
  router: string,
  text: string,
): void {
  if (text !== '') printed.set(router, `${printed.get(router) ?? ''}${text}`.slice(-MOST_PRINTED));
}

/** Closes a router and keeps what it printed. */
export async function closeRouter(
  context: RunContext,
  router: string,
  instance: RouterInstance,
): Promise<void> {
  await instance.close?.();
  keepPrinted(context, router, getPrinted(instance));
}
