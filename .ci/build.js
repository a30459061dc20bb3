/**
 * Compiles to dist/. What did not change is not compiled again, and nothing stays of sources that
 * are gone: a stale plugin would still be found.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const filesUnder = (folder) =>
  existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String) : [];
const compiled = filesUnder(join(root, 'dist')).filter((name) => name.endsWith('.js'));
const sources = new Set(
  [
    ...['core', 'sandbox', 'storage', 'analysis', 'pipeline', 'cli', 'plugins', 'presets'],
    ...['testing', 'test', 'bench', 'fuzz', 'models'],
  ]
    .flatMap((folder) => filesUnder(join(root, folder)).map((name) => join(folder, name)))
    .concat('harness.config.ts')
    .filter((name) => name.endsWith('.ts') && !name.startsWith(join('test', 'fixtures'))),
);
const sourceOf = (name) => name.replace(/\.js$/, '.ts');
const known = new Set(compiled.map(sourceOf));
// a compiler that remembers what it wrote does not look whether it is still there
if (
  [...sources].some((name) => !known.has(name)) ||
  compiled.some((name) => !sources.has(sourceOf(name)))
)
  rmSync(join(root, 'dist'), { recursive: true, force: true });
try {
  execFileSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.json')],
    { stdio: 'inherit' },
  );
} catch (error) {
  process.exit(error.status ?? 1);
}
