import { defineErrors } from '../core/errors.js';

/** Errors of the config, of planning and of running. */
export const PipelineError = defineErrors({
  configNotFound: {
    code: 'RXB1001',
    message: 'No config file was found in {folder} or any folder above it.',
    fix: 'Create a harness.config.ts (see README, "Add a router"), or name a file with --config FILE.',
  },
  configNotLoaded: {
    code: 'RXB1002',
    message: 'Cannot load the config {file}: {problem}',
    fix: 'Fix the file; `node --check` and your editor show the position.',
  },
  invalidConfig: {
    code: 'RXB1003',
    message: 'Invalid config at {path}: {problem}',
    fix: 'See docs/config.md for the allowed fields and values.',
  },
  invalidOption: {
    code: 'RXB1005',
    message: 'Invalid value {value} for {option}: {problem}',
    fix: 'See `rxb {command} --help`.',
  },
  duplicateName: {
    code: 'RXB1006',
    message: 'The {kind} "{name}" is listed twice: at {first} and at {second}.',
    fix: 'Rename one of them with `as`.',
  },
  nothingToDo: {
    code: 'RXB1007',
    message: 'Nothing to do: {what}.',
    fix: 'Select a part that this run needs, or leave `--only` out.',
  },
  reporterKindMismatch: {
    code: 'RXB2109',
    message: 'Reporter "{reporter}" cannot report a {report}.',
    fix: 'Use one of these: {able}.',
  },
  reporterFailed: {
    code: 'RXB2110',
    message: 'Reporter "{reporter}" failed: {problem}',
    fix: 'Fix the reporter or its options. The results and the other reporters are not affected.',
  },
  reporterFileClash: {
    code: 'RXB2111',
    message: 'Reporters "{first}" and "{second}" both write to {file}.',
    fix: 'Give each a file of its own, or leave one of them out.',
  },
  duplicateId: {
    code: 'RXB3003',
    message: 'Duplicate id "{id}": at {first} and at {second}.',
    fix: 'Give every row a unique id.',
  },
  invalidDataset: {
    code: 'RXB3004',
    message: 'Dataset {where}: {problem}',
    fix: 'Fix the dataset; `rxb show {dataset}` shows what it declares.',
  },
  unknownSplit: {
    code: 'RXB3005',
    message: 'Dataset "{dataset}" has no split "{split}". Its splits: {splits}.',
    fix: 'Choose one of these splits in `protocol`.',
  },
  tooFewRows: {
    code: 'RXB3006',
    message: 'Split "{split}" of "{dataset}" has {rows} rows, but {wanted} were requested.',
    fix: 'Request fewer rows, or leave the number out to use all rows.',
  },
  emptyFile: {
    code: 'RXB3008',
    message: '{file} contains no rows.',
    fix: 'Use a file with at least one row.',
  },
  gradesNotBinary: {
    code: 'RXB3009',
    message:
      '{file}:{line} has the weak grade {value}. The label "weak-correct" is only defined for grades of 0 and 1 (or 0 and the top of `--scale`).',
    fix: 'Use --label weak-at-least-strong, or grades of 0 and 1.',
  },
  noModelPairs: {
    code: 'RXB3010',
    message: 'Cannot form pairs of recorded models: {problem}.',
    fix: 'Use the backend "recorded" for both models, and datasets that have outcomes of at least two models in common (docs/datasets.md, "Recorded outcomes").',
  },
  noRecordedOutcomes: {
    code: 'RXB3108',
    message:
      'Dataset "{dataset}" has no recorded outcomes of "{model}". It has outcomes of: {known}.',
    fix: 'Set the option `model` to one of these, or choose a dataset that has outcomes of it.',
  },
  invalidExtends: {
    code: 'RXB3109',
    message: 'Cannot extend "{name}" in {file}: {problem}',
    fix: 'Use a preset (routerxbench/presets/paper), a path that starts with ./, or an installed package.',
  },
  unsupportedSignal: {
    code: 'RXB4002',
    message: 'Router "{router}" needs {signal}, but model "{model}" ({backend}) cannot provide it.',
    fix: 'Use a backend that provides it (docs/models.md), or remove the router.',
  },
  missingModel: {
    code: 'RXB4003',
    message: 'The {router} needs a model named "{model}", which the config does not define.',
    fix: 'Add it under `models` in the config.',
  },
  inputShapeMismatch: {
    code: 'RXB4007',
    message: 'The weights were fitted on inputs {fitted}, but the model gives {given}.',
    fix: 'Train the router again with this model.',
  },
  signalNotExposed: {
    code: 'RXB4020',
    message:
      'Router "{router}" needs {signal}, which model "{model}" ({backend}) does not expose: {problem}.',
    fix: 'Name the tensors yourself (`hiddenStates`, docs/models.md), use an export that has them, or remove the router.',
  },
  tooFewTopLogprobs: {
    code: 'RXB4110',
    message:
      'Router "{router}" needs {wanted}, but model "{model}" returns log-probabilities of only the {given} likeliest tokens.',
    fix: 'Use a backend that returns full logits (onnx), raise `topLogprobs`, or remove the router.',
  },
  budgetExhausted: {
    code: 'RXB4111',
    message: 'The budget of ${budget} is used up: ${spent} spent.',
    fix: 'Raise `--budget-usd` and run the same command again. Replies that were paid for are kept.',
    exit: 6,
    resumable: true,
  },
  missingPrice: {
    code: 'RXB4112',
    message: 'Cannot enforce the budget, because model "{model}" has no price.',
    fix: 'Add "{name}" (or "{model}") under `prices` in the config. The price of a model that you host yourself can be 0.',
  },
  tooManyFailures: {
    code: 'RXB4113',
    message: '{failed} requests failed, but at most {most} may fail.',
    fix: 'Fix the cause and run the same command again, or raise `--max-errors`. Finished work is kept.',
    exit: 3,
    resumable: true,
  },
  offlineReplyMissing: {
    code: 'RXB4114',
    message: 'Model "{model}" would have to be called, but the run is offline.',
    fix: 'Run without `--offline`, or remove what needs the missing replies; `--dry-run` counts them.',
    exit: 3,
    resumable: true,
  },
  modelFailed: {
    code: 'RXB4116',
    message:
      'Model "{model}" failed on {failed} of {rows} rows ({what} of {datasets}). The commonest reason: {reason}',
    fix: 'Fix the cause, then run the same command again with `--retry-errors`. Finished work is kept.',
    exit: 3,
    resumable: true,
  },
  invalidParaphrases: {
    code: 'RXB5010',
    message: 'Invalid paraphrases of "{id}" in dataset "{dataset}": {problem}.',
    fix: 'Fix `paraphrases` of the dataset, or remove "paraphrase" from `perturbations.kinds`.',
  },
  paraphraseInFitRows: {
    code: 'RXB5011',
    message: 'A paraphrase of "{id}" of {dataset} is also the fit row "{row}" of {fit}.',
    fix: 'Fix `paraphrases` of the dataset, or remove "paraphrase" from `perturbations.kinds`.',
  },
  invalidConfidence: {
    code: 'RXB6001',
    message:
      'Router "{router}" returned {value} for a query of {dataset}. A confidence must be a finite number or null.',
    fix: 'Fix the router; null means "no opinion".',
  },
  wrongConfidenceCount: {
    code: 'RXB6002',
    message: 'Router "{router}" returned {got} confidences for {wanted} queries.',
    fix: 'Return one confidence per input, in the order of the inputs.',
  },
  joinMismatch: {
    code: 'RXB6003',
    message: 'Cannot join labels and confidences of {dataset}: id "{id}" is {problem}.',
    fix: 'This is a bug in routerxbench. Please report it with the run.json.',
  },
  routerFailed: {
    code: 'RXB6004',
    message: 'Router "{router}" failed: {problem}',
    fix: 'Fix the cause. Other routers are not affected.',
  },
  routerSilent: {
    code: 'RXB6008',
    message: 'Router "{router}" gave no sign of life for {seconds} s while {what}.',
    fix: 'Fix the router: every promise must settle. Or raise `{option}` above {seconds}.',
  },
  missingFamilyType: {
    code: 'RXB6201',
    message: '"{family}" is a family of routers. Choose one of its types.',
    fix: 'Set the option {option} to one of {types}, or to one of their aliases. On the command line, write {family}:TYPE.',
  },
  unknownFamilyType: {
    code: 'RXB6202',
    message: 'The router family "{family}" has no type "{type}" (option {option}).{suggestion}',
    fix: 'Run `rxb show {family}` to see its types.',
  },
  groupRenamed: {
    code: 'RXB6203',
    message: '"{batch}" is the name of a group of routers, so it cannot be renamed to "{as}".',
    fix: 'Remove `as`, or list the routers one by one: {routers}.',
  },
  finetunePythonNotStarted: {
    code: 'RXB6303',
    message: 'Cannot start "{python}", the Python for fine-tuning: {problem}',
    fix: 'Install Python 3.8 or newer, or name one with --python (or RXB_PYTHON).',
  },
  torchMissing: {
    code: 'RXB6304',
    message: '"{python}" cannot load torch, which fine-tuning needs: {problem}',
    fix: 'Install it (`pip install torch`), or name a Python that has it with --python (or RXB_PYTHON).',
  },
  unusableBaseModel: {
    code: 'RXB6305',
    message: 'Cannot fine-tune the model in {folder}: {problem}',
    fix: 'Use a Hugging Face folder of DeBERTa-v2 or -v3 with config.json, tokenizer.json, and model.safetensors or pytorch_model.bin.',
  },
  finetuneFailed: {
    code: 'RXB6306',
    message: 'Fine-tuning failed: {problem}',
    fix: 'See {log}. Fix the cause and run the same command again; it resumes from the last saved state.',
    exit: 3,
    resumable: true,
  },
  outputFolderInUse: {
    code: 'RXB6307',
    message: 'Cannot write to {folder}: it already contains {holds}.',
    fix: 'Choose another output folder, or remove this one.',
  },
  testOnFinetuneData: {
    code: 'RXB6308',
    message:
      'The classifier "{model}" of router "{router}" was fine-tuned on {dataset}/{split}, and this run tests on that dataset.',
    fix: 'Fine-tune it on the in-domain datasets of this config, or remove the dataset or the router.',
  },
  gradeOutOfRange: {
    code: 'RXB7001',
    message:
      'Scorer "{scorer}" returned {value} for "{id}", which is outside its scale [{min}, {max}].',
    fix: 'Fix the scorer, or the scale that it declares.',
  },
  scaleMismatch: {
    code: 'RXB7002',
    message:
      'Scorer "{scorer}" grades in [{min}, {max}], but dataset "{dataset}" has the scale [{wantedMin}, {wantedMax}].',
    fix: 'Choose a scorer with the scale of the dataset.',
  },
  chainScalesDiffer: {
    code: 'RXB7102',
    message: 'Cannot chain these scorers, because their scales differ: {scorers}.',
    fix: 'Chain only scorers with the same scale.',
  },
});
