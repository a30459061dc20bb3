import { basename } from 'node:path';

/** Finds values of a config file: `harness.config.ts:14 (routers[3])`. */
export type LocateValue = (path: string, value?: string) => string;

/**
 * Looks for the line of a value in the text of a config: the first line with `value` in quotes, or
 * with the last name of the path.
 */
export function buildLocator(file: string, text: string): LocateValue {
  const lines = text.split('\n');
  return (path, value) => {
    const wanted =
      value === undefined
        ? [
            path
              .replace(/(\[\d+\])+$/, '')
              .split('.')
              .at(-1) ?? '',
          ]
        : [`'${value}'`, `"${value}"`];
    const line = lines.findIndex((content) => wanted.some((part) => content.includes(part)));
    return `${basename(file)}${line < 0 ? '' : `:${line + 1}`} (${path})`;
  };
}
