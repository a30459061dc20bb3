/**
 * A project for the gate: additions that a weak model solves if they are small, and a router that
 * estimates their size.
 */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFiles } from './temporary.js';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** The plugins; the larger `signal`, the better the router's estimate. */
export const gatePlugins = (signal: number): string => `
import { dataset, model, router } from 'routerxbench';
const backend = (largest) => class {
  info = async () => ({ name: 'adds', fingerprint: 'adds-' + largest, can: ['generate'] });
  generate = async (prompts, _settings, { advance }) => prompts.map((prompt) => {
    const [a, b] = (prompt.form === 'raw' ? prompt.text : prompt.messages.at(-1).content).match(/\\d+/g).map(Number);
    advance(1);
    return { ok: true, value: [{ text: String(a + b <= largest ? a + b : 0), tokenLogprobs: [-1], finish: 'stop', promptTokens: 4, completionTokens: 1 }] };
  });
};
export const Weak = backend(60);
model({ name: 'gate-weak', summary: 'Adds small numbers' })(Weak);
export const Strong = backend(1000);
model({ name: 'gate-strong', summary: 'Adds' })(Strong);
export class Sums {
  *read(split) {
    for (let i = 0; i < 400; i++) yield { id: split + '-' + i, prompt: split + ': ' + (1 + (i * 37) % 60) + ' + ' + (1 + (i * 53) % 61) + '? #' + i, reference: String(2 + (i * 37) % 60 + (i * 53) % 61), domain: 'sums' };
  }
}
dataset({ name: 'gate-sums', summary: 'Sums', splits: ['train', 'test'], licence: 'CC0-1.0', source: { text: 'made here' }, scorer: 'exact', scale: [0, 1], label: 'correct' })(Sums);
export class Guess {
  score = ({ query }) => {
    const [a, b, i] = query.text.match(/\\d+/g).map(Number);
    return ${signal} * -(a + b) / 60 + Math.sin(i * 12.9898) * 43758.5453 % 1;
  };
}
router({ name: 'gate-guess', summary: 'Guesses', needs: [] })(Guess);
`;

/** The config; `over` replaces members. */
export const gateConfig = (over: object = {}): string =>
  JSON.stringify({
    name: 'gate',
    plugins: ['./plugins'],
    models: { weak: { use: 'gate-weak' }, strong: { use: 'gate-strong' } },
    datasets: { inDomain: ['gate-sums'] },
    routers: ['gate-guess', 'prompt-length'],
    statistics: { resamples: 500 },
    gate: { metrics: { auroc: { margin: 0.02 }, 'lpm-exact': { margin: 0.02 } } },
    ...over,
  });

/** Writes the project. */
export async function writeGateProject(folder: string, signal: number): Promise<void> {
  await mkdir(join(folder, 'node_modules/.bin'), { recursive: true });
  await symlink(repository, join(folder, 'node_modules/routerxbench'), 'dir');
  await writeFile(
    join(folder, 'node_modules/.bin/rxb'),
    `#!/bin/sh\nexec '${process.execPath}' '${join(repository, 'dist/cli/main.js')}' "$@"\n`,
    { mode: 0o755 },
  );
  await writeFiles(folder, {
    'package.json': '{ "name": "gate", "private": true }',
    'harness.config.json': gateConfig(),
    '.gitignore': 'node_modules\nresults/*\n!results/baseline.json\n!results/baseline.rows.json\n',
    'plugins/package.json': JSON.stringify({
      name: 'gate-plugins',
      version: '1.0.0',
      type: 'module',
      harness: { plugins: 'index.js' },
    }),
    'plugins/index.js': gatePlugins(signal),
  });
}
