import { defineErrors } from '../core/errors.js';

/** Errors of processes that run third-party plugins. */
export const SandboxError = defineErrors({
  sandboxUnavailable: {
    code: 'RXB2201',
    message:
      'Cannot sandbox the routers of {package}: {problem}. Without a sandbox, nothing keeps their code from using the network or reading labels.',
    fix: 'Run on Linux and install bubblewrap (see `rxb doctor`), or trust the package with --trust {package}. Its results are then marked as unverified and are not ranked.',
  },
  pluginExited: {
    code: 'RXB2202',
    message: 'The process of {title} exited unexpectedly: {problem}',
    fix: 'Fix the plugin. Other routers are not affected.',
  },
  pluginProtocolViolation: {
    code: 'RXB2203',
    message: 'The process of {title} violated the plugin protocol: {problem}',
    fix: 'Fix the plugin; docs/plugins/protocol.md lists the allowed messages.',
  },
  pluginTimeout: {
    code: 'RXB2204',
    message:
      'The process of {title} sent nothing new for {seconds} s while {what} and was stopped.',
    fix: 'Fix the plugin, or raise `{option}` above {seconds} in the config.',
  },
  pluginTooSlow: {
    code: 'RXB2209',
    message: 'The process of {title} was still {what} after {seconds} s and was stopped.',
    fix: 'Fix the plugin, or raise `{option}` in the config: a fit may take 100 times as long as it may send nothing.',
  },
  pluginOutOfMemory: {
    code: 'RXB2205',
    message: 'The process of {title} used more than {limit} MiB of memory and was stopped.',
    fix: 'Fix the plugin, or raise `isolation.memoryMiB`.',
  },
  pluginNotStarted: {
    code: 'RXB2206',
    message: 'Cannot start the process of {title}: {problem}',
    fix: 'Install the program that its package.json names under "harness", or remove the package.',
  },
  sandboxRefused: {
    code: 'RXB2208',
    message: 'The sandbox refused {title} {what}: {problem}',
    fix: 'Do without it: a router gets all it needs as signals and options. Or allow it with {option}; its rows are then unverified.',
  },
  unknownPluginPackage: {
    code: 'RXB2207',
    message:
      'There is no plugin package "{name}", but `isolation.trust` or `isolation.inProcess` names it.',
    fix: 'Use the name under which a package is installed, the path under which `plugins` lists it, or `all`.',
  },
  guardedPathExposed: {
    code: 'RXB2230',
    message: 'The routers of {package} would see {what} ({path}), because they see {folder}.',
    fix: 'Put the plugin into a folder of its own that does not contain this, and name that folder in `plugins`; or move what is not to be seen.',
  },
  invalidDependencyName: {
    code: 'RXB2231',
    message: '{package} has a dependency {name}, which cannot be the name of a package.',
    fix: 'Correct the dependencies in its package.json, or remove the package.',
  },
  notTheLockedPackage: {
    code: 'RXB2232',
    message: '{package} is trusted, but it is not the package that the project locked: {problem}.',
    fix: 'Run `npm ci`, or do not trust the package.',
  },
  tooManyProcesses: {
    code: 'RXB2233',
    message:
      'The process of {title} started more than {limit} processes and threads and was stopped.',
    fix: 'Fix the plugin. Other routers are not affected.',
  },
});
