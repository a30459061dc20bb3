import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTargets } from '../../fuzz/find-targets.js';
import { reportText } from '../../fuzz/report-text.js';
import { runTarget } from '../../fuzz/run-target.js';

const targets = await findTargets();
const CASES = 2000;

describe('npm run fuzz', () => {
  it('has the targets that fuzz/README.md lists', async () => {
    const readme = await readFile('fuzz/README.md', 'utf8');
    const listed = [...readme.matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1]);
    expect(listed).to.deep.equal([...targets.keys()]);
  });

  for (const [name, { file }] of targets)
    it(`finds no fault in ${CASES} cases of ${name}`, async () => {
      const report = await runTarget({
        file,
        seed: 1,
        from: 0,
        to: CASES,
        jobs: 2,
        seconds: 20,
        found: join(tmpdir(), 'rxb-fuzz-found'),
      });
      expect(report.cases).to.equal(CASES);
      expect(report.faults, reportText(name, report)).to.deep.equal([]);
    });
});
