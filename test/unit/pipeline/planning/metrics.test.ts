import { expect } from 'chai';
import { resolve } from 'node:path';
import { PluginCode } from '../../../../pipeline/code/plugin-code.js';
import { loadIntoProcess } from '../../../../pipeline/planning/load-into-process.js';
import { openRegistry } from '../../../../pipeline/find-plugins.js';
import {
  distinguishedMetrics,
  loadMetrics,
  reopenMetrics,
  type ProjectMetric,
} from '../../../../pipeline/planning/metrics.js';
import type { ConfigEntry } from '../../../../pipeline/planning/named-entry.js';
import { sandboxHost } from '../../../../sandbox/host.js';
import { METRIC_NAMES } from '../../../support/metrics.js';
import { inTemporaryFolder, rejection, writeFiles } from '../../../support/temporary.js';

/** A metric in plain JavaScript, which needs no package. */
const PLUGIN = `export class Mine { measure() { return { value: 1 }; } }
Object.defineProperty(Mine, Symbol.for('routerxbench.plugin'), { value: { api: 1, kind: 'metric', definition: {
  name: 'mine', summary: 's', better: 'lower', range: [0, 1], needs: 'confidence' } } });
`;

async function withMine<T>(
  look: (load: (entries: readonly ConfigEntry[]) => Promise<readonly ProjectMetric[]>) => T,
): Promise<Awaited<T>> {
  return await inTemporaryFolder(async (folder) => {
    await writeFiles(folder, { 'mine.mjs': PLUGIN });
    const registry = await openRegistry('.', [resolve(folder, 'mine.mjs')], sandboxHost());
    await registry.release();
    return await look((entries) =>
      loadMetrics({
        registry,
        entries,
        getLocation: (_entry, path) => path,
        load: loadIntoProcess,
        code: new PluginCode([]),
      }),
    );
  });
}

const names = (metrics: readonly ProjectMetric[]): readonly string[] =>
  metrics.map(({ definition }) => definition.name);

describe('the metrics of a project', () => {
  it('are all built-in ones in their order, under keys that are their names', async () => {
    await withMine(async (load) => {
      const metrics = await load([]);
      expect(names(metrics)).to.deep.equal(METRIC_NAMES);
      expect(METRIC_NAMES).to.have.length(33);
      expect(METRIC_NAMES.slice(0, 4)).to.deep.equal(['auroc', 'lpm', 'mpm', 'hcr']);
      for (const { key, definition } of metrics)
        if (definition.version === undefined) expect(key).to.equal(definition.name);
        else expect(key).to.deep.include({ name: definition.name, version: definition.version });
      const keys = metrics.map(({ key }) => key);
      expect(distinguishedMetrics(metrics)).to.deep.equal(
        keys.filter((key) => typeof key !== 'string'),
      );
      expect(names(await load(['auroc']))).to.deep.equal(METRIC_NAMES);
    });
  });

  it('have those behind them that the config names, under keys that tell them apart', async () => {
    await withMine(async (load) => {
      const metrics = await load(['mine', { use: 'mine', as: 'yours' }]);
      expect(names(metrics).slice(33)).to.deep.equal(['mine', 'yours']);
      const [first, second] = distinguishedMetrics(metrics.slice(33));
      expect(first).to.deep.include({ name: 'mine', metric: 'mine', version: 1 });
      expect(second).to.deep.include({ name: 'yours', metric: 'mine' });
      const reopened = await reopenMetrics(metrics.map(({ source }) => source));
      expect(reopened.map(({ definition }) => definition.name)).to.deep.equal(names(metrics));
    });
  });

  it('refuse an unknown name with a suggestion, wrong options, and a name given twice', async () => {
    await withMine(async (load) => {
      const unknown = await rejection(load(['aurok']));
      expect([unknown.code, unknown.message.includes('"auroc"')]).to.deep.equal(['RXB2107', true]);
      expect((await rejection(load([{ use: 'mine', options: { a: 1 } }]))).message).to.contain('a');
      for (const twice of [['mine', 'mine'], [{ use: 'mine', as: 'auroc' }]])
        expect((await rejection(load(twice))).code).to.equal('RXB1006');
    });
  });
});
