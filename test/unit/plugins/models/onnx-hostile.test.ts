import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OnnxOptions } from '../../../../plugins/models/_onnx/options.js';
import { Onnx } from '../../../../plugins/models/onnx.js';
import { filesAt } from '../../../../storage/files.js';
import { inTemporaryFolder, rejection } from '../../../support/temporary.js';

const CHAT = {
  form: 'chat',
  messages: [{ role: 'user', content: 'What is one plus two? Give me one number and no words.' }],
} as const;
const context = (signal = new AbortController().signal) => ({ signal, advance: () => undefined });

/** Works with a copy of the embedded weak model that `change` has changed. */
async function withModel<T>(
  change: (folder: string) => Promise<unknown>,
  work: (model: Onnx) => Promise<T>,
): Promise<T> {
  return await inTemporaryFolder(async (parent) => {
    const folder = join(parent, 'm');
    await cp('models/tiny/weak', folder, { recursive: true });
    await change(folder);
    const model = new Onnx(OnnxOptions.parse({ folder, workers: 1, threads: 1 }), filesAt(parent), {
      info: () => undefined,
      warn: () => undefined,
    });
    try {
      return await work(model);
    } finally {
      await model.close();
    }
  });
}

const generate = async (model: Onnx, stop: readonly string[] = []): Promise<unknown> =>
  await model.generate([CHAT], { maxTokens: 4, temperature: 0, n: 1, stop }, context());

const refusal = async (
  change: (folder: string) => Promise<unknown>,
): Promise<Error & { readonly code?: string }> =>
  await withModel(change, async (model) => await rejection(generate(model)));

/** Changes a JSON file of the folder. */
const editJson =
  (name: string, change: (settings: Record<string, unknown>) => void) =>
  async (folder: string): Promise<void> => {
    const file = join(folder, name);
    const settings = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    change(settings);
    await writeFile(file, JSON.stringify(settings));
  };

const replace =
  (name: string, make: (path: string) => unknown) =>
  async (folder: string): Promise<void> => {
    await rm(join(folder, name), { force: true });
    await make(join(folder, name));
  };

/** Processes that this one has started. */
const listChildren = (): readonly number[] =>
  readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8')
      .split(' ')
      .filter((text) => text !== '')
      .map(Number),
  );

describe('a model folder of a stranger', () => {
  it('whose template or tokenizer never ends is stopped: RXB4001', async () => {
    const endless: readonly ((folder: string) => Promise<unknown>)[] = [
      async (folder) =>
        await writeFile(
          join(folder, 'chat_template.jinja'),
          '{% for a in range(100000) %}{% for b in range(100000) %}{% set x = a %}{% endfor %}{% endfor %}',
        ),
      editJson('tokenizer.json', (settings) => {
        settings['pre_tokenizer'] = {
          type: 'Split',
          pattern: { Regex: '([\\s\\S]+)+\\u0000' },
          behavior: 'Isolated',
          invert: false,
        };
      }),
    ];
    const errors = await Promise.all(endless.map(refusal));
    for (const error of errors) {
      expect(error.code, error.message).to.equal('RXB4001');
      expect(error.message).to.contain('did not end');
    }
  });

  it('whose files are no regular files, or too long, is refused at once: RXB4001', async () => {
    const odd: readonly (readonly [string, (folder: string) => Promise<unknown>, string])[] = [
      ['a pipe', replace('config.json', (path) => execFileSync('mkfifo', [path])), 'a pipe'],
      ['a device', replace('tokenizer.json', (path) => symlink('/dev/zero', path)), 'a device'],
      ['a folder', replace('tokenizer_config.json', (path) => mkdir(path)), 'a folder'],
      [
        'a pipe for a graph',
        replace('onnx/model.onnx', (path) => execFileSync('mkfifo', [path])),
        'a pipe',
      ],
      [
        'a long template',
        replace('chat_template.jinja', (path) => writeFile(path, ' '.repeat(2 ** 21))),
        'at most',
      ],
    ];
    for (const [what, change, words] of odd) {
      const error = await refusal(change);
      expect(error.code, what).to.equal('RXB4001');
      expect(error.message, what).to.contain(words);
    }
  });

  it('whose settings are no sizes is refused: RXB4001', async () => {
    for (const [name, size] of [
      ['hidden_size', -1],
      ['num_hidden_layers', 1e9],
      ['vocab_size', 0.5],
    ] as const) {
      const change = editJson('config.json', (settings) => {
        settings[name] = size;
      });
      const error = await refusal(change);
      expect(error.code, name).to.equal('RXB4001');
      expect(error.message).to.contain(name);
    }
  });

  it('that ends the process computing it leaves the harness alive: RXB4001', async function () {
    if (process.platform !== 'linux') return this.skip();
    const before = new Set(listChildren());
    await withModel(
      async () => undefined,
      async (model) => {
        await generate(model);
        const [child] = listChildren().filter((pid) => !before.has(pid));
        process.kill(child as number, 'SIGSEGV');
        await rejection(
          (async () => {
            for (;;) await generate(model);
          })(),
        );
        const error = await rejection(generate(model));
        expect(error.code, error.message).to.equal('RXB4001');
        expect(error.message).to.contain('SIGSEGV');
      },
    );
    expect(listChildren().filter((pid) => !before.has(pid))).to.deep.equal([]);
  });
});
