/** A Python with torch, if this machine has one. */
import { execa } from 'execa';

const works = async (python: string, code: string): Promise<boolean> =>
  (await execa(python, ['-c', code], { reject: false })).exitCode === 0;

const found = async (code: string): Promise<string | null> => {
  for (const python of [process.env['RXB_PYTHON'] ?? 'python3', '/usr/bin/python3'])
    if (await works(python, code)) return python;
  return null;
};

/** Any Python 3, or null. */
export const PYTHON = await found('import sys; assert sys.version_info >= (3, 8)');

/** One that has torch, or null. */
export const TORCH = await found(
  'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)',
);

/** One that has torch and transformers, or null. */
export const TRANSFORMERS = await found(
  'import importlib.util, sys; sys.exit(any(importlib.util.find_spec(name) is None for name in ("torch", "transformers")))',
);

/** The text in the title of a suite that is skipped. */
export const without = (what: string, found: string | null): string =>
  found === null ? ` (skipped: no ${what} here)` : '';
