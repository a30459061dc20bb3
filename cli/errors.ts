import { defineErrors } from '../core/errors.js';

/** Errors of commands. */
export const CliError = defineErrors({
  fileExists: {
    code: 'RXB2220',
    message: '{file} already exists. Nothing was written.',
    fix: 'Choose another name or another folder.',
  },
  noManagedServer: {
    code: 'RXB4014',
    message: 'Model "{model}" ({backend}) has no server that rxb can start or stop.',
    fix: 'Choose from these models: {able}.',
  },
  neverSettled: {
    code: 'RXB2222',
    message:
      'The command waits for something that can never happen: a plugin in this process awaits a promise that nothing will settle.',
    fix: 'Fix the plugin: every promise of `fit`, `score`, `grade`, `read` and the like must settle.',
  },
  contractBroken: {
    code: 'RXB2223',
    message: 'Routers of {package} break these rules of the contract: {rules}',
    fix: 'Fix the router; the lines above say what is wrong. docs/plugins/protocol.md explains the rules.',
  },
  unknownRun: {
    code: 'RXB6007',
    message: 'There is no run "{run}" in {folder}.{suggestion}',
    fix: 'List that folder to see the names of the runs, or create this one with `rxb run`.',
  },
  unknownQuestion: {
    code: 'RXB6009',
    message: 'Run "{run}" has no question with the id "{id}".{suggestion}',
    fix: 'Take an id from the rows of the run (results/runs/{run}/ROUTER/DATASET.rows.jsonl), or write DATASET/ID.',
  },
  notComparable: {
    code: 'RXB8001',
    message: 'Cannot compare {after} with {before}: {problem}.',
    fix: 'If the change is intended, accept a new baseline (`rxb baseline accept --reason …`). Otherwise restore what changed.',
  },
  cannotCheck: {
    code: 'RXB8004',
    message: 'Cannot run the check: {problem}.',
    fix: 'Complete the run (`rxb run`), or change `gate` in the config.',
  },
  cannotAcceptBaseline: {
    code: 'RXB8005',
    message: 'Cannot accept run "{run}" as the baseline: {problem}.',
    fix: 'Complete the run (`rxb run`) without --limit, --routers and --datasets, then accept it.',
  },
});
