/** Looks at everything a run needs, without running. */
import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { openModel } from '../../pipeline/configured-model.js';
import type { Finding } from '../../core/definitions.js';
import { getHarnessFolder } from '../../core/packages.js';
import type { Registry } from '../../core/registry.js';
import { openRegistry } from '../../pipeline/find-plugins.js';
import { sandboxHost } from '../../sandbox/host.js';
import { getSandboxProblem } from '../../sandbox/linux-sandbox.js';
import { getErrorMessage, getHarnessErrors } from '../../core/errors.js';
import { checkRouters } from '../../pipeline/check-routers.js';
import { nodeVersion } from '../../pipeline/provenance.js';
import type { Project } from '../../pipeline/project.js';
import { openCommandProject } from '../open-project.js';
import { findPrice } from '../../pipeline/spending/prices.js';
import { requireOwned } from '../../storage/owned-folder.js';
import { printJson, type ExitCode, type GlobalOptions, type Io } from '../io.js';
import { countText } from '../../analysis/util/count-text.js';

const MARK = { ok: '✔', warn: '!', fail: '✖' } as const;
const LOW_DISK = 2 * 2 ** 30;
const attempt = async (
  what: string,
  fix: string,
  work: () => Promise<string>,
): Promise<Finding> => {
  try {
    return { what, state: 'ok', detail: await work() };
  } catch (error) {
    const errors = getHarnessErrors(error);
    if (errors === undefined) return { what, state: 'fail', detail: getErrorMessage(error), fix };
    return {
      what,
      state: 'fail',
      detail: errors
        .map(
          ({ code, problem, location }) =>
            `${code} ${problem}${location === undefined ? '' : ` In ${location}.`}`,
        )
        .join(' · '),
      fix: [...new Set(errors.map((failure) => failure.fix))].join(' · '),
    };
  }
};

const nodeFinding = (): Finding => {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  const enough = major > 20 || (major === 20 && minor >= 19);
  return {
    what: 'Node.js',
    detail: nodeVersion,
    ...(enough ? { state: 'ok' } : { state: 'fail', fix: 'Install Node.js 20.19 or newer.' }),
  };
};

/** Whether third-party routers can run in a sandbox. */
async function checkSandbox(): Promise<Finding> {
  const problem = await getSandboxProblem();
  const what = 'sandbox for third-party routers';
  if (problem === null)
    return { what, state: 'ok', detail: 'namespaces for files, processes and the network' };
  return {
    what,
    state: 'warn',
    detail: `not available: ${problem}`,
    fix: 'Optional: run on Linux with user namespaces allowed, or trust the packages with --trust.',
  };
}

/** Packages that cannot be loaded, and plugins whose name another one has. */
const unusableFindings = ({ plugins }: Registry): readonly Finding[] =>
  plugins.unusable.map(({ package: name, error: { code, problem, fix } }) => ({
    what: `plugins of ${name}`,
    state: 'fail',
    detail: `${code} ${problem}`,
    fix,
  }));

/** Routers of the config that would be failed rows. */
const routerFindings = async (project: Project): Promise<readonly Finding[]> =>
  (await checkRouters(project)).map(({ router, errors }) => ({
    what: `router ${router}`,
    state: 'fail',
    detail: errors.map(({ code, problem }) => `${code} ${problem}`).join(' · '),
    fix: [...new Set(errors.map(({ fix }) => fix))].join(' · '),
  }));

/** What the plugins that run in this process need of the machine. */
async function pluginFindings(registry: Registry): Promise<readonly Finding[]> {
  const looks = new Set(registry.list().flatMap(({ mark }) => mark.definition.environment ?? []));
  return (await Promise.all([...looks].map(async (look) => await look()))).flat();
}

/** The folder itself if it exists, else the nearest one above it that does. Nothing is created. */
async function nearestFolder(path: string): Promise<string> {
  const found = await stat(path).catch(() => null); // not there yet
  if (found?.isDirectory() === true) return path;
  if (found !== null) throw new Error(`${path} is not a folder`);
  return await nearestFolder(dirname(path));
}

/** Whether the prices of models behind servers are known. */
function priceFindings(
  models: readonly { readonly name: string; readonly known: boolean }[],
  date: string | undefined,
): readonly Finding[] {
  const unpriced = models.filter(({ known }) => !known).map(({ name }) => name);
  if (unpriced.length > 0) {
    const fix =
      'Add them under `prices` in the config, in US dollars per million tokens. The price of a model that you host yourself can be 0.';
    return [
      {
        what: 'prices',
        state: 'warn',
        detail: `unknown for ${unpriced.join(', ')}: their cost is null, and --budget-usd is refused`,
        fix,
      },
    ];
  }
  return models.length === 0
    ? []
    : [
        {
          what: 'prices',
          state: 'ok',
          detail: `known for ${models.map(({ name }) => name).join(', ')}, looked up on ${date ?? 'an unknown date'}`,
        },
      ];
}

async function projectFindings(project: Project, signal: AbortSignal): Promise<readonly Finding[]> {
  const { config, folder } = project;
  const priced = new Map<string, boolean>();
  const models = await Promise.all(
    Object.entries(config.models).map(([name, entry]) =>
      attempt(`model ${name}`, 'Fix the entry in `models` of the config.', async () => {
        const model = await openModel(project, name);
        try {
          const info = await model.info();
          if (info.remote !== undefined)
            priced.set(name, findPrice(config.prices, info.name, name) !== null);
          const there = await model.check?.(signal);
          return `${entry.use}, ${there ?? info.name}, supports ${info.can.join(', ')}`;
        } finally {
          await model.close?.();
        }
      }),
    ),
  );
  const prices = priceFindings(
    Object.keys(config.models).flatMap((name) =>
      priced.has(name) ? [{ name, known: priced.get(name) === true }] : [],
    ),
    config.prices?.date,
  );
  const results = resolve(folder, config.results);
  const writable = await attempt(
    'results folder',
    'Make it writable, or name another with --results or `results` in the config.',
    async () => {
      await requireOwned(results, 'results');
      const there = await nearestFolder(results);
      await access(there, constants.W_OK);
      return there === results ? results : `${results} can be created`;
    },
  );
  if (writable.state === 'fail') return [...models, ...prices, writable];
  const { bavail, bsize } = await statfs(await nearestFolder(results));
  const free = bavail * bsize;
  const disk: Finding = {
    what: 'free disk',
    state: 'ok',
    detail: `${(free / 2 ** 30).toFixed(1)} GiB`,
  };
  return [
    ...models,
    ...prices,
    writable,
    free < LOW_DISK
      ? {
          ...disk,
          state: 'warn',
          fix: 'Free some space: the hidden states of large models take much of it.',
        }
      : disk,
  ];
}

/** Prints what was found; a failure means that a run cannot work. */
export async function doctorCommand(options: GlobalOptions, io: Io): Promise<ExitCode> {
  const findings: Finding[] = [nodeFinding(), await checkSandbox()];
  let project: Project | undefined;
  findings.push(
    await attempt('config', 'Fix the config.', async () => {
      project = await openCommandProject(io, { configFile: options.config });
      await project.registry.release();
      return `${project.file}, ${countText(project.registry.list().length, 'plugin')}`;
    }),
  );
  const registry = project?.registry ?? (await openRegistry(getHarnessFolder(), [], sandboxHost()));
  findings.push(...unusableFindings(registry), ...(await pluginFindings(registry)));
  if (project !== undefined) findings.push(...(await routerFindings(project)));
  if (project !== undefined) findings.push(...(await projectFindings(project, io.signal)));
  if (options.json === true) printJson(io, findings);
  else
    io.out(
      findings
        .map(
          ({ what, state, detail, fix }) =>
            `${MARK[state]} ${state.padEnd(4)} ${what}: ${detail}\n${fix === undefined ? '' : `         fix: ${fix}\n`}`,
        )
        .join(''),
    );
  return findings.some(({ state }) => state === 'fail') ? 2 : 0;
}
