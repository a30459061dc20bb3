import { expect } from 'chai';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTarget, type FuzzReport } from '../../../fuzz/run-target.js';
import { reportText } from '../../../fuzz/report-text.js';
import { inTemporaryFolder } from '../../support/temporary.js';

const FAULTS = fileURLToPath(new URL('../../support/fuzz-targets/faults.js', import.meta.url));

const fuzz = async (found: string, from: number, to: number): Promise<FuzzReport> =>
  await runTarget({ file: FAULTS, seed: 3, from, to, jobs: 2, seconds: 1, found });

describe('runTarget', () => {
  it('finds every kind of fault, keeps the first input of each, and gives a case again', async () => {
    await inTemporaryFolder(async (found) => {
      const report = await fuzz(found, 0, 30);
      expect(report.cases).to.equal(30);
      expect(report.accepted).to.be.greaterThan(0);
      expect(report.refused).to.have.all.keys('RXB3001');
      const texts = report.faults.map(({ verdict }) => `${verdict.kind} ${verdict.problem ?? ''}`);
      for (const [pattern, behaviour] of [
        [/^uncoded TypeError: no N in N at .*support\/fuzz-targets\/faults/, 2],
        [/^wrong changed$/, 3],
        [/^hang longer than 1 s$/, 4],
        [/^ended the process ended: exit code 3$/, 5],
        [/^uncoded unhandled: Error: nobody waits for this/, 6],
        [/^wrong a name was added to what all objects inherit$/, 7],
        [/^uncoded uncaught: Error: later/, 8],
      ] as const) {
        const index = texts.findIndex((text) => pattern.test(text));
        expect(index, `${String(pattern)} in ${texts.join('\n')}`).to.be.greaterThan(-1);
        const kept = join(found, 'faults', `3-${report.faults[index]?.first ?? -1}`);
        expect(await readFile(join(kept, 'behaviour.txt'), 'utf8')).to.equal(String(behaviour));
      }
      expect(texts.length).to.equal(7);
      const wrong = report.faults.find(({ verdict }) => verdict.problem === 'changed');
      const first = wrong?.first ?? -1;
      const again = await fuzz(found, first, first + 1);
      expect(again.faults, 'one case again').to.deep.equal([{ ...wrong, count: 1 }]);
      expect(await readdir(join(found, 'faults'))).to.have.length(7);
    });
  });

  it('says how often and where each fault came first', async () => {
    const text = reportText('rows', {
      cases: 10,
      accepted: 4,
      refused: { RXB3001: 1, RXB3002: 3 },
      faults: [{ verdict: { kind: 'hang', problem: 'longer than 20 s' }, first: 7, count: 2 }],
      slowest: { number: 7, seconds: 20.04 },
    });
    expect(text).to.equal(
      [
        'rows: 10 cases, 4 accepted, 0 uncoded, 0 wrong, 2 hang, 0 ended; slowest 20.0 s (case 7)',
        '  refused with RXB3002 3, RXB3001 1',
        '  hang, 2 times, first in case 7: longer than 20 s',
        '',
      ].join('\n'),
    );
  });
});
