import { discover } from '../../core/discover.js';
import { Registry } from '../../core/registry.js';
import { sandboxHost } from '../../sandbox/host.js';

/** The plugins of the harness itself. */
export const builtIns = async (): Promise<Registry> =>
  new Registry(await discover('.', [], sandboxHost()));
