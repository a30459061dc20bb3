/** A small reporter that keeps the contract, and one for every rule that breaks it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Report } from '../../../analysis/index.js';
import { reporter, type ReporterDefinition, type ReportOutput } from '../../../core/index.js';
import type { PluginClass } from '../../../testing/index.js';

type Writing = (report: Report, output: ReportOutput) => void | Promise<void>;

const createReporter = (report: Writing, over: Partial<ReporterDefinition> = {}): PluginClass => {
  class Made {
    readonly report = report;
  }
  reporter({
    name: 'made',
    summary: 'Made for the tests of the contract',
    reports: ['run', 'comparison', 'check', 'pairs'],
    ...over,
  })(Made as never);
  return Made;
};

const kindOnly: Writing = ({ kind }, { print }) => print(`{ "kind": "${kind}" }\n`);

/** Keeps the contract. */
export const GoodReporter = createReporter(kindOnly);

let reports = 0;

/** Rule → a reporter that breaks it. */
export const BROKEN_REPORTERS: Readonly<Record<string, PluginClass>> = {
  marked: class Unmarked {
    readonly report = kindOnly;
  },
  named: createReporter(kindOnly, { name: 'made-', summary: 'two\nlines' }),
  'strict-options': createReporter(kindOnly, { options: z.looseObject({}) }),
  declares: createReporter(kindOnly, { reports: ['run', 'run'] }),
  'writes-each-kind': createReporter((report, output) => {
    if (report.kind !== 'pairs') void kindOnly(report, output);
  }),
  'same-bytes': createReporter((_report, { print }) => print(`${reports++}\n`)),
  'given-output': createReporter((report, output) => {
    void kindOnly(report, output);
    const folder = mkdtempSync(join(tmpdir(), 'rxb-reporter-'));
    writeFileSync(join(folder, 'own.txt'), 'written on its own');
    rmSync(folder, { recursive: true });
  }),
  'stays-in-folder': createReporter(({ kind }, { write }) =>
    write('../elsewhere.txt.json', `{ "kind": "${kind}" }`),
  ),
  'plain-text': createReporter(({ kind }, { print }) => print(`{ "kind": "\u001b[2J${kind}" }`)),
  'can-be-read': createReporter((_report, { print }) => print('{ "router": "a" "b" }')),
};
