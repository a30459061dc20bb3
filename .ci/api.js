/**
 * Writes docs/api/ (npm run docs:api) or, with `--surface`, the snapshot of the public surface (npm
 * run surface).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { argv } from 'node:process';
import {
  apiFiles,
  publicSurface,
  SURFACE_FILE,
  surfaceText,
} from '../dist/test/support/public-surface.js';

const entries = publicSurface();
const files =
  argv[2] === '--surface' ? { [SURFACE_FILE]: surfaceText(entries) } : apiFiles(entries);
for (const [path, text] of Object.entries(files)) {
  const file = join(fileURLToPath(new URL('..', import.meta.url)), path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
