import { SandboxError } from './errors.js';
import type { PluginHost } from '../core/plugin-host.js';
import type { Logger } from '../core/tokens.js';
import { isNamed } from './launch.js';
import { checkLocked } from './lockfile.js';
import { EVERY, ISOLATION, type IsolationSettings } from './settings.js';
import { ProcessPool } from './process-pool.js';
import { SandboxedPackage } from './sandboxed-package.js';

/** Runs third-party packages in sandboxed processes. */
export function sandboxHost(settings: IsolationSettings = ISOLATION, logger?: Logger): PluginHost {
  const pool = new ProcessPool();
  return {
    check: (sources) => {
      for (const name of [...settings.trust, ...settings.inProcess])
        if (name !== EVERY && !sources.some((source) => isNamed([name], source)))
          throw new SandboxError('unknownPluginPackage', { name });
    },
    inProcess: (source) => {
      const asked = source.program === null && isNamed(settings.inProcess, source);
      if (asked) checkLocked(source);
      return asked;
    },
    open: async (source) => await SandboxedPackage.prepare(source, settings, pool, logger),
  };
}
