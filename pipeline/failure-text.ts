/** Errors in words, and what is kept of a router that failed. */
import { readFile, rm } from 'node:fs/promises';
import type { HarnessError } from '../core/errors.js';
import { describeThrown } from '../sandbox/thrown.js';
import { writeAtomic } from '../storage/atomic.js';
import { getRunPath, isFileName } from '../storage/results/run-path.js';
import type { FailedRouter } from './planning/planned.js';

const SHOWN_LINES = 10;

/**
 * Text of a plugin as it is printed: without control characters and marks that turn the direction
 * of text, and indented, so that none of its lines looks like one of ours.
 */
export const showPluginText = (text: string): string =>
  text
    .replace(/(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu, '\ufffd')
    .split('\n')
    .join('\n         ');

/** Code and reason, where, what the plugin threw and from which line, and what to do. */
export function describeError(error: HarnessError): string {
  const { code, problem, location, fix } = error;
  const thrown = describeThrown(error);
  return [
    `${code} ${showPluginText(problem)}`,
    ...(location === undefined ? [] : [`  where: ${showPluginText(location)}`]),
    ...(thrown === '' ? [] : [`  cause: ${showPluginText(thrown)}`]),
    `  fix:   ${showPluginText(fix)}`,
  ].join('\n');
}

/** The last lines that a router printed; empty where it printed nothing. */
export function describePrinted(printed: string): string {
  const lines = printed.trimEnd().split('\n');
  if (lines.length === 1 && lines[0] === '') return '';
  const last = lines.slice(-SHOWN_LINES);
  const title = last.length < lines.length ? `its last ${last.length} lines` : 'it printed';
  return `  ${title}:\n         ${showPluginText(last.join('\n'))}`;
}

const failureFile = (runFolder: string, router: string): string =>
  getRunPath(runFolder, router, 'failure.txt');

const printedFile = (runFolder: string, router: string): string =>
  getRunPath(runFolder, router, 'output.log');

/** Keeps what routers printed and why they failed; reasons of those that work now are removed. */
export async function keepFailures(
  runFolder: string,
  routers: readonly string[],
  failed: readonly FailedRouter[],
  printed: ReadonlyMap<string, string>,
): Promise<void> {
  for (const [router, text] of printed) await writeAtomic(printedFile(runFolder, router), text);
  for (const { router, errors } of failed.filter((one) => isFileName(one.router)))
    await writeAtomic(
      failureFile(runFolder, router),
      `${[...errors.map(describeError), describePrinted(printed.get(router) ?? '')]
        .filter((text) => text !== '')
        .join('\n')}\n`,
    );
  const names = new Set(failed.map(({ router }) => router));
  for (const router of routers)
    if (!names.has(router)) await rm(failureFile(runFolder, router), { force: true });
}

/** What was kept of a router in a run; undefined where nothing was. */
export async function readKept(
  runFolder: string,
  router: string,
): Promise<{ readonly failure?: string; readonly printed?: string } | undefined> {
  if (!isFileName(router)) return undefined;
  const read = async (file: string): Promise<string | undefined> =>
    await readFile(file, 'utf8').catch(() => undefined);
  const failure = await read(failureFile(runFolder, router));
  const printed = await read(printedFile(runFolder, router));
  if (failure === undefined && printed === undefined) return undefined;
  return {
    ...(failure === undefined ? {} : { failure }),
    ...(printed === undefined ? {} : { printed }),
  };
}
