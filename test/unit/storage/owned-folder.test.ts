import { expect } from 'chai';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { claimFolder, MARKER, requireOwned } from '../../../storage/owned-folder.js';
import { inTemporaryFolder, rejection, writeFiles } from '../../support/temporary.js';

const ID = 'a'.repeat(24);
const SEGMENT = `${ID}/2026-01-01T00-00-00-000Z-1-2.jsonl`;

const foreign = async (files: Readonly<Record<string, string>>, purpose: 'results' | 'cache') =>
  await inTemporaryFolder(async (folder) => {
    await writeFiles(folder, files);
    const error = await rejection(requireOwned(folder, purpose));
    expect(error).to.have.property('code', 'RXB5016');
    const before = (await readdir(folder, { recursive: true })).sort();
    expect(await rejection(claimFolder(folder, purpose))).to.have.property('code', 'RXB5016');
    expect((await readdir(folder, { recursive: true })).sort()).to.deep.equal(before);
    return error.message;
  });

const adopted = async (files: Readonly<Record<string, string>>, purpose: 'results' | 'cache') =>
  await inTemporaryFolder(async (folder) => {
    await writeFiles(folder, files);
    await claimFolder(folder, purpose);
    expect(JSON.parse(await readFile(join(folder, MARKER), 'utf8'))).to.deep.equal({
      folder: purpose,
    });
    // whatever the user puts into it later stays
    await writeFile(join(folder, 'notes.txt'), '');
    await requireOwned(folder, purpose);
  });

describe('a folder of results or replies', () => {
  it('is made with a marker, and an empty one gets it', async () => {
    await inTemporaryFolder(async (folder) => {
      await claimFolder(join(folder, 'new/results'), 'results');
      expect(await readdir(join(folder, 'new/results'))).to.deep.equal([MARKER]);
    });
    await adopted({}, 'results');
    await adopted({ '.gitignore': '*' }, 'cache');
  });

  it('of an earlier version is adopted, reports beside the runs included', async () => {
    await adopted(
      {
        'runs/t/run.json': '{}',
        'runs/t/entropy/sums.json': '{}',
        [`artifacts/answers/${ID}/key.json`]: '{}',
        [`cache/${SEGMENT}`]: '',
        'leaderboard.json': '{}',
        'leaderboard.md': '',
        'baseline.json': '{}',
        'baseline.rows.json': '{}',
        'junit.xml': '',
        'table.csv': '',
      },
      'results',
    );
    await adopted({ 'leaderboard.json': '{}', 'baseline.json': '{}' }, 'results');
    await adopted({ [SEGMENT]: '', [`${ID}.lock`]: '' }, 'cache');
  });

  it('that holds anything else is refused, and nothing is written', async () => {
    expect(await foreign({ 'src/a.ts': '' }, 'results')).to.contain('src');
    for (const file of [
      'harness.config.json',
      'notes.txt',
      'runs/other-tool/model/metrics.json',
      'runs/file.json',
    ])
      expect(await foreign({ [file]: '' }, 'results'), file).to.contain(file.split('/')[0]);
    await foreign({ 'runs/t/run.json': '{}', 'package.json': '{}' }, 'results');
    await foreign({ 'runs/t/run.json': '{}', 'src/a.ts': '' }, 'results');
    expect(await foreign({ 'a.jsonl': '' }, 'cache')).to.contain('a.jsonl');
    expect(await foreign({ [SEGMENT]: '', [`${ID}/a.jsonl`]: '' }, 'cache')).to.contain('a.jsonl');
    await foreign({ 'runs/t/run.json': '{}' }, 'cache');
  });

  it('is not taken for one because of a link, or of the marker of the other kind', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, { 'data/a.jsonl': '', 'old/x': '' });
      await mkdir(join(folder, 'cache'));
      await claimFolder(join(folder, 'cache'), 'cache');
      await symlink(join(folder, 'cache', MARKER), join(folder, 'data', MARKER));
      for (const name of ['data', 'old'])
        expect(
          (await rejection(requireOwned(join(folder, name), 'cache'))).message,
          name,
        ).to.contain('RXB5016');
      await writeFiles(folder, { [`old/${MARKER}`]: '{"folder":"results"}' });
      await requireOwned(join(folder, 'old'), 'results');
      expect(await rejection(requireOwned(join(folder, 'old'), 'cache'))).to.have.property(
        'code',
        'RXB5016',
      );
    });
  });
});
