import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import {
  renderLeaderboardTable,
  uncertaintyText,
} from '../../../../plugins/reporters/_leaderboard/table.js';
import { jsonSchema, LeaderboardSchema } from '../../../../storage/results/schema.js';
import { openComparedRun } from '../../../../pipeline/comparison/compared-run.js';
import type { Leaderboard } from '../../../../storage/results/types.js';
import { withCurrentNames } from '../../../../storage/results/old-names.js';
import { golden } from '../../../support/golden.js';

describe('the published schema', () => {
  it('matches the code (npm run schema writes it)', async () => {
    expect(JSON.parse(await readFile('docs/schema.json', 'utf8'))).to.deep.equal(
      JSON.parse(JSON.stringify(jsonSchema())),
    );
  });

  it('accepts the committed leaderboard, and one of version 0.1, which is still rendered and compared', async () => {
    LeaderboardSchema.parse(JSON.parse(await readFile('results/leaderboard.json', 'utf8')));
    const old = await golden<Leaderboard>('leaderboard-0.1.json');
    LeaderboardSchema.parse(old);
    expect(
      renderLeaderboardTable(old, { metric: 'auroc', better: 'higher', colour: false }),
    ).to.match(/\| +1 \| entropy/);
    expect(uncertaintyText(old)).to.equal(undefined);
    const side = await openComparedRun('test/fixtures/golden/leaderboard-0.1.json', {
      project: '.',
      results: 'results',
      cwd: '.',
    });
    expect([side.kind, side.sets.length, side.cells.length]).to.deep.equal(['board', 6, 12]);
    expect(await side.rows('entropy', 'tiny-choice4')).to.equal(null);
  });

  it('reads the field names of version 0.1', async () => {
    const old = await golden<Leaderboard>('leaderboard-0.1.json');
    const row = { router: 'a', selfReported: 'it ran with --trust', unranked: null };
    expect(withCurrentNames({ ...old, rows: [row] })).to.deep.equal({
      ...old,
      rows: [{ router: 'a', unverifiedReason: 'it ran with --trust', unranked: null }],
    });
    expect(withCurrentNames(row)).to.have.property('unverifiedReason', 'it ran with --trust');
  });
});
