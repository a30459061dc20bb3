import { expect } from 'chai';
import { execa } from 'execa';
import { open } from 'node:fs/promises';
import { mkdir, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { seededRandom } from '../../core/index.js';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';
import { RXB } from '../support/rxb.js';

/** Runs `rxb` in a separate process; `peak` is its maximum resident size in MB. */
async function measured(
  cwd: string,
  args: readonly string[],
): Promise<{ readonly stdout: string; readonly peak: number }> {
  const report =
    'data:text/javascript,process.on("exit",()=>process.stderr.write("PEAK "+process.resourceUsage().maxRSS+" "))';
  const { stdout, stderr } = await execa(process.execPath, ['--import', report, RXB, ...args], {
    cwd,
    env: { CI: '1' },
  });
  return { stdout, peak: Number(/PEAK (\d+)/.exec(stderr)?.[1]) / 1024 };
}

/**
 * Hidden states of 33 layers of 1,024 numbers, 132 KB per query, made from the prompt; they contain
 * the label.
 */
const WIDE = `
import { createHash } from 'node:crypto';
import { dataset, model } from 'routerxbench';
const sum = (text) => text.match(/\\d+/g).map(Number).reduce((a, b) => a + b);
const textOf = (prompt) => (prompt.form === 'raw' ? prompt.text : prompt.messages.at(-1).content);
export class Wide {
  info = async () => ({ name: 'wide', fingerprint: 'wide', can: ['generate', 'hidden-states'], hiddenStates: { indices: Array.from({ length: 33 }, (_, i) => i), dim: 1024 } });
  generate = async (prompts, _settings, { advance }) => prompts.map((prompt) => {
    advance(1);
    const right = sum(textOf(prompt));
    return { ok: true, value: [{ text: String(right % 3 === 0 ? 0 : right), tokenLogprobs: [-1], finish: 'stop', promptTokens: 4, completionTokens: 1 }] };
  });
  read = async (prompts, _wanted, { advance }) => prompts.map((prompt) => {
    advance(1);
    const right = sum(textOf(prompt));
    const hiddenStates = new Float32Array(33 * 1024);
    let state = createHash('sha256').update(textOf(prompt)).digest().readUInt32LE(0);
    for (let i = 0; i < hiddenStates.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      hiddenStates[i] = state / 2 ** 32 - 0.5 + (i % 1024 === 7 && right % 3 === 0 ? -1 : 0);
    }
    return { ok: true, value: { hiddenStates } };
  });
}
model({ name: 'wide', summary: 'Made-up hidden states of the width of a real model' })(Wide);
export class Many {
  *read(split) {
    const rows = Number(process.env.ROWS) * (split === 'train' ? 1 : 0.5);
    for (let i = 0; i < rows; i++) yield { id: split + i, prompt: (split === 'train' ? 'Add ' : 'What is ') + i + ' and ' + 3 * i + '?', reference: String(4 * i), domain: 'sums' };
  }
}
dataset({ name: 'many', summary: 'As many sums as ROWS says', splits: ['train', 'test'], licence: 'MIT', source: { text: 'made here' }, scorer: 'exact', scale: [0, 1], label: 'correct' })(Many);
`;

describe('memory', () => {
  it('of rxb measure stays under 300 MB for a million rows', async () => {
    await inTemporaryFolder(async (folder) => {
      const random = seededRandom('million');
      const file = await open(join(folder, 'rows.jsonl'), 'w');
      for (let block = 0; block < 100; block++) {
        let text = '';
        for (let i = 0; i < 10_000; i++)
          text += `{"id":"query-${block * 10_000 + i}","weak":${random.float() < 0.6 ? 1 : 0},"strong":${random.float() < 0.8 ? 1 : 0},"confidence":${random.float()}}\n`;
        await file.write(text);
      }
      await file.close();
      const { stdout, peak } = await measured(folder, ['measure', 'rows.jsonl', '--json']);
      expect(
        (JSON.parse(stdout) as { readonly rows: { readonly total: number } }).rows.total,
      ).to.equal(1_000_000);
      expect(peak).to.be.below(300);
    });
  });

  it('of a run does not grow with the hidden states: five times the rows take hardly more', async () => {
    const measurePeak = async (rows: number): Promise<number> =>
      await inTemporaryFolder(async (folder) => {
        await mkdir(join(folder, 'node_modules'));
        await symlink(resolve('.'), join(folder, 'node_modules/routerxbench'), 'dir');
        await writeFiles(folder, {
          'package.json': '{ "name": "wide", "type": "module" }',
          'wide.mjs': WIDE.replaceAll('process.env.ROWS', String(rows)),
          'harness.config.mjs': `export default { name: 'wide', plugins: ['wide.mjs'], models: { weak: { use: 'wide' }, strong: { use: 'wide' } }, datasets: { inDomain: ['many'] }, routers: ['coe', { use: 'probe-mean', options: { epochs: 2, learningRate: 0.01 } }], protocol: { trainingSeeds: [1], search: 1 } };`,
        });
        const { stdout, peak } = await measured(folder, ['run', '--quiet']);
        expect(stdout).to.contain('probe-mean').and.to.contain('model calls');
        return peak;
      });
    const [few, many] = [await measurePeak(512), await measurePeak(2560)];
    // 203 MB more are on disk for training alone; only the features of a mean probe may grow: 4 KB
    // per row, 8 MB
    expect(many - few, `${few.toFixed(0)} MB and ${many.toFixed(0)} MB`).to.be.below(100);
  });
});
