import type { ErrorEntry } from './error-entry.js';

/** Errors of the config and of plugins, and those that plugins of several kinds share. */
export const CORE_ERRORS = {
  unsetVariable: {
    code: 'RXB1004',
    message: 'The environment variable {name} is not set, but {path} needs it.',
    fix: 'Set it in the environment or in .env.',
  },
  pluginNotLoaded: {
    code: 'RXB2001',
    message: 'Cannot load plugin package {package}: {problem}',
    fix: 'Build or fix the plugin, or remove it from the config.',
  },
  notAPluginPackage: {
    code: 'RXB2002',
    message: '{package} has no "harness": { "plugins": … } in its package.json.',
    fix: 'Add that field, or remove the path from `plugins` in the config.',
  },
  pluginApiMismatch: {
    code: 'RXB2003',
    message:
      'Plugin "{name}" of {package} was built for plugin API {found}; this version of routerxbench supports API {wanted}.',
    fix: 'Install a version of the plugin that was built for this version of routerxbench.',
  },
  pluginNameClash: {
    code: 'RXB2004',
    message: 'Two {kind} plugins are named "{name}": one in {first}, one in {second}.',
    fix: 'Rename one of them, or remove one of the packages.',
  },
  noPluginExported: {
    code: 'RXB2005',
    message: 'Package {package} exports no plugin: no module in {path} exports one.',
    fix: 'Export the plugin (`export const … = defineRouter(…)`), or correct "harness" in its package.json.',
  },
  unknownBackend: {
    code: 'RXB2101',
    message: 'Unknown model backend "{name}".{suggestion}',
    fix: 'Run `rxb list models` to see the available backends.',
  },
  unknownDataset: {
    code: 'RXB2102',
    message: 'Unknown dataset "{name}".{suggestion}',
    fix: 'Run `rxb list datasets` to see the available datasets; `--datasets` takes names from your config.',
  },
  unknownRouter: {
    code: 'RXB2103',
    message: 'Unknown router "{name}".{suggestion}',
    fix: 'Run `rxb list routers` to see the available routers.',
  },
  unknownScorer: {
    code: 'RXB2104',
    message: 'Unknown scorer "{name}".{suggestion}',
    fix: 'Run `rxb list scorers` to see the available scorers.',
  },
  unknownMetric: {
    code: 'RXB2107',
    message: 'Unknown metric "{name}".{suggestion}',
    fix: 'Run `rxb list metrics` to see the available metrics.',
  },
  unknownReporter: {
    code: 'RXB2108',
    message: 'Unknown reporter "{name}".{suggestion}',
    fix: 'Run `rxb list reporters` to see the available reporters.',
  },
  invalidPluginOptions: {
    code: 'RXB2105',
    message: 'Invalid options for {kind} "{name}" at {path}: {problem}',
    fix: 'Run `rxb show {name}` to see its options.',
  },
  brokenPluginContract: {
    code: 'RXB2106',
    message: 'The {kind} plugin "{name}" breaks its contract: {problem}',
    fix: 'Run the contract suite (routerxbench/testing) on the plugin.',
  },
  invalidJson: {
    code: 'RXB3001',
    message: '{file}:{line} is not valid JSON: {problem}',
    fix: 'Fix or remove the line.',
  },
  invalidRow: {
    code: 'RXB3002',
    message: '{file}:{line} {problem}',
    fix: 'Fix or remove the row, or correct the options of the dataset.',
  },
  brokenBackend: {
    code: 'RXB4005',
    message: 'The backend of model "{model}" breaks its contract: {problem}',
    fix: 'This is a bug in the backend. Report it to its author.',
  },
  cannotGenerateText: {
    code: 'RXB4009',
    message: 'Model "{model}" ({backend}) cannot generate text. It supports: {can}.',
    fix: 'Use a model that generates text.',
  },
  fitFailed: {
    code: 'RXB6005',
    message: 'Cannot fit router "{router}" on {rows} rows: {problem}',
    fix: 'Provide more training rows, or remove the router.',
  },
  weightsMismatch: {
    code: 'RXB6006',
    message: 'Cannot use {folder} for router "{router}": {problem}',
    fix: 'Train again, or name the folder of the right run.',
  },
} as const satisfies Record<string, ErrorEntry>;
