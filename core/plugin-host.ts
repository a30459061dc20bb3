/** Where third-party packages run: discovery uses a host, which the sandbox implements. */
import type { PackageSource } from './packages.js';
import type { PluginKind } from './plugin.js';
import type { RouterInstance } from './router-instance.js';
import type { SignalRequest } from './signals/requests.js';

/** A plugin as data: its definition without functions, its options as JSON Schema. */
export interface DescribedPlugin {
  readonly kind: PluginKind;
  readonly api: number;
  /** Where the class is exported, for packages of JavaScript. */
  readonly file?: string | undefined;
  readonly export?: string | undefined;
  readonly definition: { readonly name: string; readonly summary: string };
  /** JSON Schema of the options; null = it takes none. */
  readonly options: Readonly<Record<string, unknown>> | null;
  /** What a router needs under its default options; null = an option has no default. */
  readonly needs?: readonly SignalRequest[] | null | undefined;
}

/** A router of a third-party package with its options checked. */
export interface OpenedRouter {
  readonly options: unknown;
  readonly needs: readonly SignalRequest[];
  readonly fitted: boolean;
  readonly make: () => RouterInstance;
  /** Why its results are not verified; null where they are. */
  readonly unverifiedReason: string | null;
}

/** A third-party package: all that is known of it is how it describes itself. */
export interface ThirdPartyPackage {
  /** Its plugins. @throws HarnessError where the package cannot be loaded */
  readonly describe: () => Promise<readonly DescribedPlugin[]>;
  /** Checks the options of one of its routers. @throws HarnessError */
  readonly open: (
    router: string,
    options: unknown,
    seed: number,
    location: string,
  ) => Promise<OpenedRouter>;
  /** Ends the process that described it. */
  readonly release: () => Promise<void>;
}

/** Runs third-party packages. */
export interface PluginHost {
  /** Refuses settings that name no package of these. @throws HarnessError */
  readonly check: (sources: readonly Pick<PackageSource, 'given' | 'name'>[]) => void;
  /** Whether the settings ask for this package to run inside the harness. */
  readonly inProcess: (source: PackageSource) => boolean;
  /** @throws HarnessError where the package cannot run here */
  readonly open: (source: PackageSource) => Promise<ThirdPartyPackage>;
}
