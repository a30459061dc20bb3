import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { routerRow } from '../support/router-rows.js';
import { builtIns } from '../support/built-ins.js';

describe('docs/routers.md', () => {
  it('has exactly the row of each router that its definition makes', async () => {
    const routers = (await builtIns()).list('router');
    const rows = (await readFile('docs/routers.md', 'utf8'))
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    expect(rows.sort()).to.deep.equal(routers.map(({ mark }) => routerRow(mark.definition)).sort());
  });

  it('is complete: every router gives formula, source and cost', async () => {
    for (const { mark } of (await builtIns()).list('router')) {
      const { name, formula, source, cost } = mark.definition;
      for (const field of [formula, source, cost])
        expect(field, name).to.be.a('string').and.not.include('|').and.not.equal('');
    }
  });
});
