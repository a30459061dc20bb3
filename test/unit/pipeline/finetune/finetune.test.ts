import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { inToyProject } from '../../../support/toy-project.js';
import { rejection, writeFiles } from '../../../support/temporary.js';
import { PYTHON, TORCH, without } from '../../../support/python.js';
import { finetuneIn, QUICK, TOY } from '../../../support/finetune-toy.js';

const script = async (folder: string, name: string, body: string): Promise<string> => {
  const file = join(folder, name);
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
  return file;
};

describe('fine-tuning is refused before any cost', () => {
  /** What it ends with; no answer was asked for. */
  const refusal = async (
    folder: string,
    over: Parameters<typeof finetuneIn>[1] = {},
  ): ReturnType<typeof rejection> => {
    const error = await rejection(finetuneIn(folder, over));
    expect(await readdir(join(folder, 'results/artifacts')).catch(() => [])).to.not.include(
      'answers',
    );
    return error;
  };

  it('where Python is not there, or is none', async () => {
    await inToyProject(async ({ folder }) => {
      expect(await refusal(folder, { python: 'no-such-python' })).to.have.property(
        'code',
        'RXB6303',
      );
      expect(
        await refusal(folder, { python: await script(folder, 'silent', 'exit 0') }),
      ).to.have.property('code', 'RXB6303');
    }, TOY);
  });

  it('where Python ends with an error, which is told and kept', async () => {
    await inToyProject(async ({ folder }) => {
      const error = await refusal(folder, {
        python: await script(folder, 'broken', 'echo "no libc" >&2; exit 3'),
      });
      expect(error).to.have.property('code', 'RXB6306');
      expect(error.message).to.contain('no libc (exit code 3)');
      expect(
        await readFile(join(folder, 'results/artifacts/finetune/check.log'), 'utf8'),
      ).to.contain('no libc');
    }, TOY);
  });

  it(`where Python has no torch${without('Python', PYTHON)}`, async function () {
    const python = PYTHON;
    if (python === null) return this.skip();
    await inToyProject(async ({ folder }) => {
      const error = await refusal(folder, {
        python: await script(folder, 'bare', `exec ${python} -S -E "$@"`),
      }); // no site-packages
      expect(error).to.have.property('code', 'RXB6304');
      expect(error.message).to.contain('No module named');
    }, TOY);
  });

  it('where the folder lacks something, which is named', async () => {
    await inToyProject(async ({ folder }) => {
      const base = join(folder, 'base');
      expect((await refusal(folder, { base })).message).to.match(/^RXB6305 .*cannot be read/);
      await writeFiles(folder, { 'base/config.json': '{}' });
      expect((await refusal(folder, { base })).message).to.match(
        /^RXB6305 .*tokenizer.json is missing; transformers writes one/,
      );
    }, TOY);
  });

  it('where more tokens are asked for than the model reads', async () => {
    await inToyProject(
      async ({ folder }) =>
        expect(await refusal(folder, { settings: { ...QUICK, maxTokens: 513 } })).to.have.property(
          'code',
          'RXB1005',
        ),
      TOY,
    );
  });

  it('where the folder to write holds something else, which stays', async () => {
    await inToyProject(async ({ folder }) => {
      await mkdir(join(folder, 'tuned'));
      await writeFile(join(folder, 'tuned/notes.txt'), 'mine');
      expect(await refusal(folder)).to.have.property('code', 'RXB6307');
      expect(await readFile(join(folder, 'tuned/notes.txt'), 'utf8')).to.equal('mine');
    }, TOY);
  });
});

describe(`fine-tuning${without('Python with torch', TORCH)}`, () => {
  it('makes a classifier whose exported graph says what PyTorch said; the same call finds it finished, another is refused', async function () {
    const python = TORCH;
    if (python === null) return this.skip();
    await inToyProject(async ({ folder }) => {
      const { record, reused } = await finetuneIn(folder, { python });
      expect(reused).to.equal(false);
      expect(record.rows).to.deep.equal({ train: 64, validation: 16, dropped: 0 });
      expect(record.exportGap).to.be.within(0, 1e-4);
      expect(record.trainLosses.at(-1)).to.be.below(record.trainLosses[0] ?? 0);
      expect(record.validationLosses.indexOf(Math.min(...record.validationLosses)) + 1).to.equal(
        record.bestEpoch,
      );
      expect((await readdir(join(folder, 'tuned'))).sort()).to.deep.equal([
        'config.json',
        'finetune.json',
        'model.safetensors',
        'onnx',
        'tokenizer.json',
        'tokenizer_config.json',
      ]);
      // rows and labels do not stay behind
      expect(await readdir(join(folder, 'results/artifacts/finetune'))).to.deep.equal([]);

      expect(await finetuneIn(folder, { python })).to.deep.equal({ record, reused: true });
      expect(
        await rejection(finetuneIn(folder, { python, settings: { ...QUICK, seed: 2 } })),
      ).to.have.property('code', 'RXB6307');
    }, TOY);
  });
});
