import { expect } from 'chai';
import type { PluginMark } from '../../../core/plugin.js';
import { findDefinitionProblem } from '../../../pipeline/definition-problem.js';

const METRIC = {
  name: 'mine',
  summary: 's',
  better: 'higher',
  range: [0, Infinity],
  needs: 'confidence',
};

const problem = (kind: string, definition: object): string | undefined =>
  findDefinitionProblem({ api: 1, kind, definition } as unknown as PluginMark);

describe('the definition of a plugin', () => {
  it('has a name that can be a folder and a column, and means nothing else', () => {
    for (const name of [
      'a b',
      '../x',
      '__proto__',
      'Upper',
      '',
      'a--b',
      '.',
      '/etc',
      'a\\b',
      'x\u001b[31m',
      'a'.repeat(99),
    ])
      expect(problem('router', { name, summary: 's', needs: [] }), name).to.contain('at name');
    for (const name of ['oracle', 'curves', 'scores'])
      expect(problem('router', { name, summary: 's' }), name).to.contain('another meaning');
    expect(problem('metric', { ...METRIC, name: 'auroc-drop' })).to.contain('another meaning');
    expect(problem('router', { name: 'mine', summary: 's', aliases: ['../x'] })).to.contain(
      'at aliases.0',
    );
    expect(problem('router', { name: 'mine', summary: 'two\nlines' })).to.contain('at summary');
    expect(problem('router', { name: 'mine', summary: 's', aliases: ['self:mine_2'] })).to.equal(
      undefined,
    );
  });

  it('says of a metric what it must say', () => {
    expect(problem('metric', METRIC)).to.equal(undefined);
    expect(problem('metric', { ...METRIC, better: 'bigger' })).to.contain('at better');
    expect(problem('metric', { ...METRIC, needs: 'labels' })).to.contain('at needs');
    expect(problem('metric', { ...METRIC, range: [1, 0] })).to.contain('at range');
    expect(problem('metric', { ...METRIC, range: [0] })).to.contain('at range');
    expect(problem('reporter', { name: 'r', summary: 's', reports: ['runs'] })).to.contain(
      'at reports.0',
    );
  });

  it('of a plugin in another process is checked as far as it is known', () => {
    const mark = { api: 1, kind: 'metric', definition: { name: 'mine', summary: 's' } };
    const check = (definition: object): string | undefined =>
      findDefinitionProblem({ ...mark, definition } as unknown as PluginMark, { described: true });
    expect(check(mark.definition)).to.equal(undefined);
    expect(check({ ...mark.definition, name: '../x' })).to.contain('at name');
  });
});
