import { defineErrors } from '../../core/index.js';

/** Errors of reporters. */
export const ReporterError = defineErrors({
  tableColumnsMissing: {
    code: 'RXB3110',
    message: 'The leaderboard of run "{run}" has none of the columns of the table "{table}".',
    fix: 'Run a config that extends routerxbench/presets/{table}, or give the datasets the same names.',
  },
  noRobustnessResults: {
    code: 'RXB5012',
    message: 'The leaderboard of run "{run}" has no robustness results.',
    fix: 'Run `rxb run --perturb`, or set `perturbations: { on: true }` in the config.',
  },
});
