/**
 * The import rules of .dependency-cruiser.js: each finds an import that breaks it, none refuses
 * what is allowed, and docs/architecture.md shows them. `npm run lint` checks the project itself.
 */
import { expect } from 'chai';
import { execa } from 'execa';
import { cp, readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';

const DEPCRUISE = resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const FOLDERS = [
  ...['core', 'sandbox', 'storage', 'analysis', 'pipeline'],
  ...['cli', 'plugins', 'presets', 'testing'],
];

/** Files that others import in the tree of a test. */
const TARGETS = {
  'core/index.ts': 'export const core = 1;\n',
  'core/inner.ts': 'export const inner = 1;\n',
  'sandbox/host.ts': 'export const host = 1;\n',
  'storage/files.ts': 'export const files = 1;\n',
  'storage/results/types.ts': 'export interface Stored { a: number }\nexport const code = 1;\n',
  'analysis/index.ts': 'export const analysis = 1;\n',
  'analysis/inner.ts': 'export const inner = 1;\n',
  'pipeline/run.ts': 'export const run = 1;\n',
  'cli/main.ts': 'export const main = 1;\n',
  'presets/paper.ts': 'export const paper = 1;\n',
  'testing/index.ts': 'export const testing = 1;\n',
  'plugins/routers/entropy.ts': 'export const entropy = 1;\n',
  'plugins/routers/_shared.ts': 'export const shared = 1;\n',
  'plugins/scorers/_shared.ts': 'export const shared = 1;\n',
};

/** The other half of the circle below. */
const CIRCLE = {
  'core/circle-b.ts': "import type { A } from './circle-a.js';\nexport type B = A[];\n",
};

/** Rule → imports that it refuses: [importing file, its code, what is imported]. */
const REFUSED: Readonly<
  Record<string, readonly (readonly [file: string, code: string, target: string])[]>
> = {
  'core-imports': [
    ['core/a.ts', "import '../sandbox/host.js';", 'sandbox/host.ts'],
    [
      'core/b.ts',
      "import type { Stored } from '../storage/results/types.js';",
      'storage/results/types.ts',
    ],
    ['core/c.ts', "import '../plugins/scorers/_shared.js';", 'plugins/scorers/_shared.ts'],
  ],
  'sandbox-imports': [['sandbox/a.ts', "import '../storage/files.js';", 'storage/files.ts']],
  'storage-imports': [['storage/a.ts', "import '../pipeline/run.js';", 'pipeline/run.ts']],
  'analysis-imports': [['analysis/a.ts', "import '../storage/files.js';", 'storage/files.ts']],
  'pipeline-imports': [
    ['pipeline/a.ts', "import '../cli/main.js';", 'cli/main.ts'],
    ['pipeline/b.ts', "import '../plugins/routers/_shared.js';", 'plugins/routers/_shared.ts'],
  ],
  'cli-imports': [
    ['cli/a.ts', "import '../plugins/scorers/_shared.js';", 'plugins/scorers/_shared.ts'],
  ],
  'presets-imports': [['presets/a.ts', "import '../pipeline/run.js';", 'pipeline/run.ts']],
  'testing-imports': [['testing/a.ts', "import '../cli/main.js';", 'cli/main.ts']],
  'analysis-imports-types-of-storage': [
    [
      'analysis/b.ts',
      "import { code } from '../storage/results/types.js';\nexport const a = code;",
      'storage/results/types.ts',
    ],
  ],
  'plugins-import-the-public-api': [
    ['plugins/routers/a.ts', "import '../../core/inner.js';", 'core/inner.ts'],
    ['plugins/scorers/a.ts', "import '../../analysis/index.js';", 'analysis/index.ts'],
  ],
  'metrics-and-reporters-import-analysis': [
    ['plugins/metrics/a.ts', "import '../../analysis/inner.js';", 'analysis/inner.ts'],
    ['plugins/reporters/a.ts', "import '../../pipeline/run.js';", 'pipeline/run.ts'],
  ],
  'nothing-imports-a-plugin': [
    ['plugins/routers/b.ts', "import './entropy.js';", 'plugins/routers/entropy.ts'],
    [
      'testing/b.ts',
      "await import('../plugins/routers/entropy.js');",
      'plugins/routers/entropy.ts',
    ],
  ],
  'shared-code-stays-within-its-kind': [
    ['plugins/routers/c.ts', "import '../scorers/_shared.js';", 'plugins/scorers/_shared.ts'],
  ],
  'no-import-by-package-name': [
    ['pipeline/c.ts', "import 'routerxbench';", 'routerxbench'],
    ['cli/c.ts', "import 'routerxbench/testing';", 'routerxbench/testing'],
  ],
  'no-circles': [
    [
      'core/circle-a.ts',
      "import type { B } from './circle-b.js';\nexport type A = B[];",
      'core/circle-b.ts',
    ],
  ],
  'pure-code-reads-nothing': [
    ['analysis/c.ts', "import 'node:fs';", 'fs'],
    ['pipeline/protocol/a.ts', "import 'node:child_process';", 'child_process'],
  ],
  'one-file-imports-the-injection-packages': [
    ['sandbox/b.ts', "import 'tsyringe';", 'node_modules/tsyringe/'],
  ],
  'optional-packages-are-loaded-on-use': [
    [
      'plugins/models/a.ts',
      "import * as ort from 'onnxruntime-node';\nexport const a = ort;",
      'node_modules/onnxruntime-node/',
    ],
  ],
  'no-development-packages': [['storage/b.ts', "import 'chai';", 'node_modules/chai/']],
  'no-unresolved': [['storage/c.ts', "import './nowhere.js';", './nowhere.js']],
};

/** Imports that no rule refuses. */
const ALLOWED = {
  'sandbox/ok.ts': "import '../core/inner.js';",
  'analysis/ok.ts':
    "import '../core/inner.js';\nimport type { Stored } from '../storage/results/types.js';\nexport type A = Stored;",
  'pipeline/ok.ts':
    "import '../sandbox/host.js';\nimport '../storage/files.js';\nimport '../analysis/inner.js';\nimport 'node:fs';",
  'cli/ok.ts': "import '../pipeline/run.js';\nimport '../presets/paper.js';\nimport 'zod';",
  'plugins/routers/ok.ts':
    "import '../../core/index.js';\nimport './_shared.js';\nimport 'routerxbench/safetensors';\nimport 'zod';",
  'plugins/metrics/ok.ts': "import '../../core/index.js';\nimport '../../analysis/index.js';",
  'plugins/models/ok.ts':
    "import type { Tensor } from 'onnxruntime-node';\nexport type A = Tensor;\nexport const load = async (): Promise<unknown> => await import('@tensorflow/tfjs-core');",
  'core/di.ts': "import 'tsyringe';",
};

interface Violation {
  readonly rule: { readonly name: string };
  readonly from: string;
  readonly to: string;
}

async function findViolations(
  files: Readonly<Record<string, string>>,
): Promise<readonly Violation[]> {
  return await inTemporaryFolder(async (folder) => {
    await writeFiles(folder, files);
    for (const file of ['.dependency-cruiser.js', 'tsconfig.json', 'package.json'])
      await cp(file, join(folder, file));
    await symlink(resolve('node_modules'), join(folder, 'node_modules'), 'dir');
    const { stdout } = await execa(
      process.execPath,
      [DEPCRUISE, '--config', '.dependency-cruiser.js', '--output-type', 'json', ...FOLDERS],
      { cwd: folder, reject: false },
    );
    return (
      JSON.parse(stdout) as { readonly summary: { readonly violations: readonly Violation[] } }
    ).summary.violations;
  });
}

describe('the import rules', () => {
  it('each refuse an import that breaks them', async () => {
    const { default: config } = (await import(
      pathToFileURL(resolve('.dependency-cruiser.js')).href
    )) as { readonly default: { readonly forbidden: readonly { readonly name: string }[] } };
    expect(Object.keys(REFUSED).sort()).to.deep.equal(
      config.forbidden.map(({ name }) => name).sort(),
    );
    const planted = Object.entries(REFUSED).flatMap(([rule, imports]) =>
      imports.map(([file, code, target]) => ({ rule, file, code, target })),
    );
    const violations = await findViolations({
      ...TARGETS,
      ...CIRCLE,
      ...Object.fromEntries(planted.map(({ file, code }) => [file, `${code}\n`])),
    });
    for (const { rule, file, target } of planted)
      expect(
        violations.some(
          (found) => found.rule.name === rule && found.from === file && found.to.includes(target),
        ),
        `${rule}: ${file} imports ${target}\n${JSON.stringify(violations.filter(({ from }) => from === file))}`,
      ).to.equal(true);
  });

  it('refuse nothing that is allowed', async () => {
    expect(await findViolations({ ...TARGETS, ...ALLOWED })).to.deep.equal([]);
  });

  it('cover every folder of the product', async () => {
    const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    expect(scripts['lint:imports']).to.match(new RegExp(` ${FOLDERS.join(' ')}$`));
    const { include } = JSON.parse(await readFile('tsconfig.json', 'utf8')) as {
      readonly include: readonly string[];
    };
    const others = ['test', 'bench', 'fuzz', 'models', 'harness.config.ts'];
    expect(include.filter((name) => !others.includes(name))).to.have.members(FOLDERS);
  });

  it('are those that docs/architecture.md shows', async () => {
    await execa(process.execPath, ['.ci/imports-doc.js', '--check']);
  });
});
