import type { Registry } from '../../core/registry.js';
import { openRegistry } from '../../pipeline/find-plugins.js';
import { sandboxHost } from '../../sandbox/host.js';

/** The plugins of the harness itself. */
export const builtIns = async (): Promise<Registry> => await openRegistry('.', [], sandboxHost());
