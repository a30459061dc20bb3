/** The routers of a package under test: each runs in its sandbox, as in a benchmark. */
import { resolve } from 'node:path';
import { packageSources, type PackageSource } from '../core/packages.js';
import type { DescribedPlugin, OpenedRouter } from '../core/plugin-host.js';
import type { PluginMark } from '../core/plugin.js';
import type { RouterInstance } from '../core/router-instance.js';
import { HarnessError } from '../core/errors.js';
import { prepareLaunch, type Launch } from '../sandbox/launch.js';
import type { Program } from '../sandbox/plugin-program.js';
import { ProcessPool } from '../sandbox/process-pool.js';
import { SandboxedPackage } from '../sandbox/sandboxed-package.js';
import { ISOLATION, type IsolationSettings } from '../sandbox/settings.js';
import { prepareRows, type RouterSuite, type RouterUnderTest } from './router-subject.js';

/** Options of the suite for packages. */
export interface PackageSuite extends RouterSuite {
  /** Tests this router only; default: every router of the package. */
  readonly router?: string;
  /** As `isolation` in a config. */
  readonly isolation?: Partial<Omit<IsolationSettings, 'project' | 'guarded' | 'inProcess'>>;
}

/** A router of a package under test. */
export interface PackageSubject extends RouterUnderTest {
  readonly described: DescribedPlugin;
  readonly settings: IsolationSettings;
  /** Opens the router with some options. @throws HarnessError */
  readonly open: (options: object) => Promise<OpenedRouter>;
  /** A new process in which nothing is open. */
  readonly start: () => Program;
  /** Ends every process that was started for a rule. */
  readonly close: () => Promise<void>;
}

/** The package in a folder. @throws RXB2001, RXB2002 */
async function findSources(folder: string): Promise<readonly PackageSource[]> {
  const { sources, unusable } = await packageSources(folder, [folder]);
  const broken = unusable.find((one) => one.package === folder);
  if (broken !== undefined) throw broken.error;
  return sources.filter(({ given }) => given === folder);
}

interface OpenPackage {
  readonly launch: Launch;
  readonly settings: IsolationSettings;
  readonly thirdParty: SandboxedPackage;
}

/** One router, opened with the suite's options. @throws HarnessError where they are refused */
async function openRouter(
  { launch, settings, thirdParty }: OpenPackage,
  described: DescribedPlugin,
  suite: PackageSuite,
): Promise<PackageSubject> {
  const { name } = described.definition;
  const given = suite.options ?? {};
  const running: { readonly close?: () => Promise<void> }[] = [];
  const open = async (options: object): Promise<OpenedRouter> =>
    await thirdParty.open(name, options, 1, `options of ${name}`);
  const keep = <T extends { readonly close?: () => Promise<void> }>(one: T): T => {
    running.push(one);
    return one;
  };
  const opened = await open(given);
  const make = (): RouterInstance => keep(opened.make());
  const needs = (): OpenedRouter['needs'] => opened.needs;
  const { api, kind, definition } = described;
  return {
    ...prepareRows({ make, needs, fitted: opened.fitted }, suite),
    kind: 'router',
    mark: { api, kind, definition: { ...definition, needs: opened.needs } } as PluginMark,
    given,
    options: () => opened.options,
    make,
    described,
    settings,
    open,
    start: () => keep(launch.start(`router "${name}"`)),
    close: async () => {
      await Promise.all([...running.splice(0).map((one) => one.close?.()), thirdParty.release()]);
    },
  };
}

/**
 * The routers of the package in a folder, each opened. No process of theirs is left.
 * @throws HarnessError where the package cannot be started or described, or has no such router
 */
export async function packageSubjects(
  folder: string,
  suite: PackageSuite = {},
): Promise<readonly PackageSubject[]> {
  const settings = { ...ISOLATION, ...suite.isolation };
  const found: PackageSubject[] = [];
  for (const source of await findSources(resolve(folder))) {
    const thirdParty = await SandboxedPackage.prepare(source, settings, new ProcessPool());
    const opened = { thirdParty, settings, launch: await prepareLaunch(source, settings) };
    try {
      for (const described of await thirdParty.describe()) {
        const { name } = described.definition;
        if (described.kind === 'router' && (suite.router ?? name) === name)
          found.push(await openRouter(opened, described, suite));
      }
    } finally {
      await thirdParty.release();
    }
  }
  if (found.length === 0)
    throw new HarnessError('noPluginExported', {
      package: folder,
      path: suite.router === undefined ? folder : `${folder}, router "${suite.router}"`,
    });
  return found;
}
