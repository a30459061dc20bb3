import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect } from 'chai';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { checkOptions, instantiate } from '../../../../core/container.js';
import type { DatasetRow } from '../../../../core/contracts.js';
import { filesAt } from '../../../../storage/files.js';
import { getPluginMark } from '../../../../core/plugin.js';
import type { RegistryEntry } from '../../../../core/registry.js';
import { secretsFrom } from '../../../../core/secrets.js';
import { Alpaca } from '../../../../plugins/datasets/alpaca.js';
import { HuggingFace } from '../../../../plugins/datasets/huggingface.js';
import { MedQa1k } from '../../../../plugins/datasets/med-qa-1k.js';
import { inTemporaryFolder, rejection } from '../../../support/temporary.js';
import { createInstance } from '../../../support/instance.js';
import { withFileServer } from '../../../support/file-server.js';

const REVISION = 'a'.repeat(40);

/** Reads a dataset whose file comes from a local server in place of Hugging Face. */
async function readFrom(
  plugin: new (...args: never[]) => unknown,
  columns: Readonly<Record<string, unknown[]>>,
  options: object,
  splits: boolean,
): Promise<{ readonly rows: readonly DatasetRow[]; readonly asked: readonly string[] }> {
  const content = Buffer.from(
    parquetWriteBuffer({
      columnData: Object.entries(columns).map(([name, data]) => ({ name, data })),
    }),
  );
  const file = {
    path: 'data/part.parquet',
    sha256: createHash('sha256').update(content).digest('hex'),
  };
  return await inTemporaryFolder(
    async (folder) =>
      await withFileServer(content, ['whole'], async ({ origin, seen }) => {
        const entry = {
          mark: getPluginMark(plugin),
          plugin,
          package: 'test',
          file: '',
        } as unknown as RegistryEntry<'dataset'>;
        const files = filesAt(folder, {
          dataDirs: [],
          cache: join(folder, 'cache'),
          env: { HF_ENDPOINT: origin, HF_TOKEN: 'hf_1' },
          offline: false,
        });
        const given = {
          repo: 'owner/name',
          revision: REVISION,
          ...(splits ? { splits: { test: file }, licence: 'MIT' } : { file }),
          ...options,
        };
        const instance = instantiate(entry, checkOptions(entry, given), {
          logger: { info: () => {}, warn: () => {} },
          files,
          secrets: secretsFrom({}),
          seed: 1,
        });
        const rows: DatasetRow[] = [];
        for await (const row of instance.read(splits ? 'test' : 'any')) rows.push(row);
        expect(seen.every(({ authorization }) => authorization === 'Bearer hf_1')).to.equal(true);
        return { rows, asked: seen.map(({ url }) => url) };
      }),
  );
}

describe('datasets on Hugging Face', () => {
  it('huggingface reads pinned files through a field map', async () => {
    const { rows, asked } = await readFrom(
      HuggingFace,
      { question: ['one?', 'two?'], answer: ['1', '2'] },
      { fields: { prompt: 'question', reference: 'answer' } },
      true,
    );
    expect(rows).to.deep.equal([
      { id: 'test-1', prompt: 'one?', reference: '1', domain: 'general' },
      { id: 'test-2', prompt: 'two?', reference: '2', domain: 'general' },
    ]);
    expect(asked).to.deep.equal([`/datasets/owner/name/resolve/${REVISION}/data/part.parquet`]);
  });

  it('alpaca takes the first rows and joins instruction and input', async () => {
    const { rows } = await readFrom(
      Alpaca,
      {
        instruction: ['Greet.', 'Add.', 'Be silent.', 'Sing.'],
        input: ['', '1 and 2', '', ''],
        output: ['Hello', '3', '', 'La'],
      },
      { rows: 3 },
      false,
    );
    expect(rows.map(({ id, prompt, reference }) => [id, prompt, reference])).to.deep.equal([
      ['alpaca-1', 'Greet.', 'Hello'],
      ['alpaca-2', 'Add.\n1 and 2', '3'],
    ]);
  });

  it('alpaca and med-qa-1k need no options: revision, file and SHA-256 are pinned, shown, and can be changed', async () => {
    for (const [plugin, path] of [
      [Alpaca, 'tatsu-lab/alpaca/resolve/dce01c9b08f87459cf36a430d809084718273017/data/train-'],
      [
        MedQa1k,
        'GBaker/MedQA-USMLE-4-options/resolve/0fb93dd23a7339b6dcd27e241cb9b5eca62d4d18/phrases_no_exclude_test.jsonl',
      ],
    ] as const) {
      const { definition } = getPluginMark(plugin) as {
        readonly definition: {
          readonly source: { readonly text: string; readonly checksum?: string };
        };
      };
      expect(definition.source.checksum).to.match(/^SHA-256 [0-9a-f]{64}$/);
      const reading = async (): Promise<void> => {
        for await (const row of createInstance('dataset', plugin).read('any'))
          expect(row).to.equal(undefined);
      };
      expect((await rejection(reading())).message)
        .to.match(/^RXB3106 /)
        .and.contain(path);
    }
  });

  it('med-qa-1k adds letters to the options and finds the right one by letter, index or text', async () => {
    const options = [
      { key: 'A', value: 'rest' },
      { key: 'B', value: 'water' },
    ];
    for (const answers of [{ answer_idx: ['B', 'A'] }, { answer: [['water'], ['rest']] }]) {
      const { rows } = await readFrom(
        MedQa1k,
        { question: ['Thirst?', 'Tired?'], options: [options, options], ...answers },
        {},
        false,
      );
      expect(rows.map(({ reference }) => reference)).to.deep.equal(['B. water', 'A. rest']);
      expect(rows[0]).to.deep.include({ choices: ['rest', 'water'], domain: 'medicine' });
      expect(rows[0]?.prompt).to.contain('A. rest\nB. water');
    }
  });
});
