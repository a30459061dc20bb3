/**
 * Routers with the options of the Python original: none is chosen on validation rows.
 * `extends: 'routerxbench/presets/upstream'`.
 */
import type { ExtendingConfig } from '../core/config-schema.js';

const preset = { protocol: { search: 1 } } satisfies Omit<ExtendingConfig, 'extends'>;

export default preset;
