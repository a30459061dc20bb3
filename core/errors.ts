/**
 * One catalogue: code → message → fix. Every code has its entry in docs/errors.md (a test compares
 * the two).
 */

interface Entry {
  readonly message: string;
  readonly fix: string;
}

const entry = (message: string, fix: string): Entry => ({ message, fix });

/**
 * `{name}` is filled from the error's details. 1xxx command line and config, 2xxx plugins, 3xxx
 * datasets and rows,
 * 4xxx models and signals, 5xxx artifacts and disk, 6xxx routers and results, 7xxx scorers,
 * 8xxx comparisons and the gate.
 */
export const CATALOGUE = {
  RXB1001: entry(
    'No config was found from {folder} upwards.',
    'Write a harness.config.ts (see README, "Your own benchmark") or name one with --config FILE.',
  ),
  RXB1002: entry(
    'The config {file} cannot be loaded: {problem}',
    'Mend the file; `node --check` and your editor show where.',
  ),
  RXB1003: entry(
    'The config has a mistake at {path}: {problem}',
    'See docs/config.md for what the config may hold.',
  ),
  RXB1004: entry(
    '{name} is not set, but {path} asks for it.',
    'Set it in the environment or in .env.',
  ),
  RXB1005: entry('{option} cannot be {value}: {problem}', 'See `rxb {command} --help`.'),
  RXB1006: entry(
    'The {kind} "{name}" is listed twice, at {first} and {second}.',
    'Give one of them another name with `as`.',
  ),
  RXB1007: entry('Nothing is selected: {what}.', 'Name at least one that the config lists.'),
  RXB2001: entry(
    'Plugin package {package} cannot be loaded: {problem}',
    'Build or mend the plugin, or take it out of the config.',
  ),
  RXB2002: entry(
    '{package} has no "harness": { "plugins": … } in its package.json.',
    'Add it, or take the path out of `plugins`.',
  ),
  RXB2003: entry(
    'Plugin "{name}" of {package} was made for plugin API {found}; this harness speaks {wanted}.',
    'Install a version of the plugin made for this harness.',
  ),
  RXB2004: entry(
    'Two {kind} plugins are called "{name}": one of {first}, one of {second}.',
    'Rename one, or take one package out.',
  ),
  RXB2101: entry('Unknown model backend "{name}".{suggestion}', 'See `rxb list models`.'),
  RXB2102: entry('Unknown dataset "{name}".{suggestion}', 'See `rxb list datasets`.'),
  RXB2103: entry('Unknown router "{name}".{suggestion}', 'See `rxb list routers`.'),
  RXB2104: entry('Unknown scorer "{name}".{suggestion}', 'See `rxb list scorers`.'),
  RXB2105: entry(
    'Options of {kind} "{name}" are wrong at {path}: {problem}',
    'See `rxb show {name}` for its options.',
  ),
  RXB2106: entry(
    'The {kind} plugin "{name}" breaks its contract: {problem}',
    'Run the contract suite of routerxbench/testing on it.',
  ),
  RXB2201: entry(
    'Routers of {package} cannot be held here: {problem}. Nothing would keep their code from the network and from labels.',
    'Run on Linux with user namespaces allowed (`rxb doctor` tells), or trust the package with --trust {package}: its rows are then self-reported and not ranked.',
  ),
  RXB2202: entry(
    'The process of {title} is gone: {problem}',
    'Mend the plugin; the other routers are not touched.',
  ),
  RXB2203: entry(
    'The process of {title} broke the plugin protocol: {problem}',
    'Mend the plugin; docs/plugins/protocol.md says what it may say.',
  ),
  RXB2204: entry(
    'The process of {title} was silent for {seconds} s while {what} and was ended.',
    'Mend the plugin, or raise `isolation.scoreSeconds` or `isolation.fitSeconds`.',
  ),
  RXB2205: entry(
    'The process of {title} took more than {limit} MiB and was ended.',
    'Mend the plugin, or raise `isolation.memoryMiB`.',
  ),
  RXB2206: entry(
    'The process of {title} cannot be started: {problem}',
    'Install what its package.json names under "harness", or take the package out.',
  ),
  RXB2207: entry(
    '"{name}" is trusted or taken into the harness, but there is no such plugin package.',
    'Name a package, the path under which the config lists it, or `all`.',
  ),
  RXB2220: entry(
    '{file} is there already; nothing was written.',
    'Choose another name, or another folder.',
  ),
  RXB3001: entry('{file}:{line} is not valid JSON: {problem}', 'Mend or remove the line.'),
  RXB3002: entry('{file}:{line} {problem}', 'Mend or remove the row.'),
  RXB3003: entry(
    'Id "{id}" occurs twice, at {first} and {second}.',
    'Give every row an id of its own.',
  ),
  RXB3004: entry(
    '{where}: {problem}',
    'Mend the dataset; `rxb show {dataset}` says what it declares.',
  ),
  RXB3005: entry(
    'Dataset "{dataset}" has no split "{split}"; it has {splits}.',
    'Choose one of those in `protocol`.',
  ),
  RXB3006: entry(
    'Split "{split}" of "{dataset}" has {rows} rows, but {wanted} are asked for.',
    'Ask for fewer rows, or leave the number out to take all.',
  ),
  RXB3007: entry('{file} does not exist or cannot be read: {problem}', 'Check the path.'),
  RXB3008: entry('{file} holds no rows.', 'Give a file with at least one row.'),
  RXB3009: entry(
    '{file}: grades are not all 0 or 1 (line {line} has {value}), so "weak is correct" is not defined.',
    'Use --label weak-at-least-strong, or grades of 0 and 1.',
  ),
  RXB3010: entry(
    'There are no two recorded models to pair: {problem}.',
    'Pairs stand on models of the backend "recorded" whose outcomes every set of the config holds (docs/datasets.md, "Recorded outcomes").',
  ),
  RXB3101: entry(
    '{file}:{line} holds a byte that is not UTF-8.',
    'Save the file as UTF-8, or fetch it again.',
  ),
  RXB3102: entry(
    '{file}:{line} is not valid CSV: {problem}',
    'Mend the line; quotes inside a quoted field are doubled.',
  ),
  RXB3103: entry(
    '{file} cannot be read as Parquet: {problem}',
    'Fetch the file again; a download that was cut short looks like this.',
  ),
  RXB3104: entry(
    '{file}: this kind of file is not known; known are {endings}.',
    'Convert the file, or use the plugin for its kind.',
  ),
  RXB3105: entry(
    '{file} is not the file that is pinned: its {kind} is {found}, not {wanted}.',
    'Take it from {origin}, unchanged (no converted line ends), or delete it so that it is fetched.',
  ),
  RXB3106: entry(
    '{url} cannot be fetched: {problem}',
    'Fetch it by other means and put it at {path}, or name a folder that has it with `dataDir`; then run the same command again.',
  ),
  RXB3107: entry(
    '{url} was refused with status {status}.',
    'Where Hugging Face asks for it, accept the terms of the set and put a token into HF_TOKEN; otherwise check repository, revision and path.',
  ),
  RXB3108: entry(
    'Dataset "{dataset}" holds no outcomes of "{model}"; it holds those of {known}.',
    'Name one of those in the options of the model, or take a dataset that was recorded with it.',
  ),
  RXB3109: entry(
    '{file} extends "{name}", which cannot be used: {problem}',
    'Name a preset (routerxbench/presets/paper), a file beginning with ./, or an installed package.',
  ),
  RXB3110: entry(
    'The board of run "{run}" has none of the columns of the table "{table}".',
    'Run a config that extends routerxbench/presets/{table}, or name the sets as it does.',
  ),
  RXB4001: entry(
    'Model folder {folder} cannot be used: {problem}',
    'It must hold config.json, tokenizer.json and weights (onnx/model.onnx; for the backend transformers model.safetensors) in the Hugging Face layout.',
  ),
  RXB4002: entry(
    'Router "{router}" needs {signal}, which model "{model}" ({backend}) cannot give.',
    'Use a backend that can (docs/models.md), or leave the router out.',
  ),
  RXB4003: entry(
    'Router "{router}" needs a model called "{model}", which the config does not have.',
    'Add it under `models`.',
  ),
  RXB4004: entry(
    'Model "{model}" failed on {count} of {total} prompts of {set}: {problem}',
    'Mend the cause and run the same command again; finished work is kept.',
  ),
  RXB4005: entry(
    'Model "{model}" returned {problem}',
    'The backend breaks its contract; report it to its author.',
  ),
  RXB4006: entry(
    'Execution provider "{device}" cannot be used: {problem}',
    'Use device "cpu", or install what the provider needs; `rxb doctor` lists what is there.',
  ),
  RXB4007: entry(
    'Hidden states were fitted on layers {fitted}, but the model gives {given}.',
    'Train again with this model.',
  ),
  RXB4008: entry(
    'The prompt cannot be processed: {problem}.',
    'Look at the prompt in the dataset; the row counts as failed.',
  ),
  RXB4009: entry(
    'Model "{model}" ({backend}) cannot answer questions; it can {can}.',
    'Name a model that generates text.',
  ),
  RXB4010: entry(
    'Model "{model}" is to be served by "{command}", which cannot be started: {problem}',
    'Install vLLM (`pip install vllm`) and activate its environment, or name the program with `command`.',
  ),
  RXB4011: entry(
    '{url} is to serve model "{model}", but something else answers there: {problem}',
    'Stop it, or give the model another `port`.',
  ),
  RXB4012: entry(
    'The server of model "{model}" at {url} has ended: {problem}',
    'See {log}; mend the cause and run the same command again.',
  ),
  RXB4013: entry(
    'The server of model "{model}" at {url} did not answer within {seconds} s: {problem}',
    'See {log}; raise `startSeconds` if it only needs longer (weights to fetch), or mend the cause.',
  ),
  RXB4014: entry(
    'Model "{model}" ({backend}) has no server that could be started or stopped here.',
    'Name models with the backend `vllm`: {able}.',
  ),
  RXB4015: entry(
    'A reply of model "{model}" names {path} as its file of hidden states, which lies outside {folder}.',
    'Give `hiddenStates.folder` the folder that the server writes to (`shared_storage_path`); nothing outside it is read or removed.',
  ),
  RXB4016: entry(
    'The hidden states of a prompt cannot be read: {problem}',
    'Look at the log of the server and at the room in `hiddenStates.folder`; the row counts as failed, and `--retry-errors` asks for it again.',
  ),
  RXB4017: entry(
    'The server of model "{model}" does not give the hidden states that the options ask for: {problem}',
    'Start it with the flags that `rxb serve --print` shows, and give `hiddenStates` the layers and the width of the model (docs/models.md).',
  ),
  RXB4018: entry(
    'Model "{model}" is to use GPU {gpus}, but not all are there: {problem}',
    'Mend `gpus`; `nvidia-smi` lists what there is.',
  ),
  RXB4020: entry(
    'Router "{router}" needs {signal}, which model "{model}" ({backend}) does not give as it is: {problem}.',
    'Name the tensors by hand (`hiddenStates`, docs/models.md), use an export that gives them, or leave the router out.',
  ),
  RXB4021: entry(
    '{file} lacks outputs for hidden states, and a copy that has them, {copy}, cannot be written beside it: {problem}',
    'Make room or make the folder writable, or copy the model to a folder that is.',
  ),
  RXB4022: entry(
    'The graph of {file} in {folder} has no tensor "{tensor}".',
    'Mend `hiddenStates.tensors`; a viewer such as Netron shows the names.',
  ),
  RXB4023: entry(
    'The tensor "{tensor}" holds no hidden states: it is [{shape}], where [{wanted}] is expected.',
    'Name the right tensors with `hiddenStates` (docs/models.md).',
  ),
  RXB4101: entry(
    'No server of model "{model}" can be reached ({urls}): {problem}',
    'Start the server or mend `baseUrl`, then run the same command again; finished work is kept.',
  ),
  RXB4102: entry(
    'The server of model "{model}" refused the key: {problem}',
    'Set the right key in the environment variable that `apiKey` or `headers` names.',
  ),
  RXB4103: entry(
    'The server does not have model "{model}": {problem}',
    'Check `model` and `baseUrl`; GET <baseUrl>/models lists what the server has.',
  ),
  RXB4104: entry(
    'Model "{requested}" was asked for, but the reply is from "{served}".',
    'Name the model as the server does, or list the other name in `servedAs` if it is the same model.',
  ),
  RXB4105: entry(
    'The account that pays for model "{model}" has no credit left: {problem}',
    'Add credit, then run the same command again; finished work is kept.',
  ),
  RXB4106: entry(
    'A request was not answered in the end: {problem}',
    'The row counts as failed; `--retry-errors` asks for such rows again.',
  ),
  RXB4107: entry(
    'The server will not answer this prompt: {problem}',
    'Look at the prompt (its length, a content filter); the row counts as failed.',
  ),
  RXB4108: entry(
    'The recording {file} cannot be used: {problem}',
    'Mend the file; docs/models.md, "Backend replay", says what a line may hold.',
  ),
  RXB4109: entry(
    'The recording has no {what} for this prompt.',
    'Record it, or leave the row out; the row counts as failed.',
  ),
  RXB4110: entry(
    'Router "{router}" needs {wanted}, but model "{model}" gives the log-probabilities of the {given} likeliest tokens only.',
    'Use a backend that gives whole logits (onnx), raise `topLogprobs`, or leave the router out.',
  ),
  RXB4111: entry(
    'The budget of ${budget} is used up: ${spent} spent.',
    'Raise `--budget-usd` and run the same command again; what was paid for is kept.',
  ),
  RXB4112: entry(
    'A budget cannot be kept: model "{model}" has no price.',
    'List "{name}" (or "{model}") under `prices` in the config; a model of your own may cost 0.',
  ),
  RXB4113: entry(
    '{failed} requests failed; at most {most} may.',
    'Mend the cause and run the same command again, or raise `--max-errors`; finished work is kept.',
  ),
  RXB4114: entry(
    'Model "{model}" would have to be asked, but the call is offline.',
    'Leave `--offline` out, or leave out what needs the missing replies; `--dry-run` counts them.',
  ),
  RXB5001: entry(
    'The artifact {file} is damaged: {problem}',
    'Delete that file and run the same command again; only it is made anew.',
  ),
  RXB5002: entry(
    'Writing {file} failed: {problem}',
    'Make room or mend the permissions, then run the same command again; finished work is kept.',
  ),
  RXB5003: entry(
    '{what} is not prepared: {file} is missing.',
    'Run `rxb prepare` (and `rxb train`) first, or `rxb run`, which does all.',
  ),
  RXB5010: entry(
    'The paraphrases that dataset "{dataset}" gives of "{id}" {problem}.',
    'Mend `paraphrases` of the dataset, or leave "paraphrase" out of `perturbations.kinds`.',
  ),
  RXB5011: entry(
    'A paraphrase of "{id}" of {dataset} is a fit row of {fit}, "{row}": routers are fitted on it.',
    'Mend `paraphrases` of the dataset, or leave "paraphrase" out of `perturbations.kinds`.',
  ),
  RXB5012: entry(
    'The board of run "{run}" does not tell how robust routers are.',
    'Run `rxb run --perturb`, or set `perturbations: { on: true }` in the config.',
  ),
  RXB6001: entry(
    'Router "{router}" returned {value} for a query of {dataset}; a confidence is a finite number or null.',
    'Mend the router; null says "no opinion".',
  ),
  RXB6002: entry(
    'Router "{router}" returned {got} confidences for {wanted} queries.',
    'Return one per input, in the order of the inputs.',
  ),
  RXB6003: entry(
    '{dataset}: id "{id}" is {problem} when labels and confidences are joined.',
    'This must never happen; please report it with the run.json.',
  ),
  RXB6004: entry(
    'Router "{router}" failed: {problem}',
    'See the cause; the other routers are not touched.',
  ),
  RXB6005: entry(
    'Router "{router}" cannot be fitted on {rows} rows: {problem}',
    'Give more training rows, or leave the router out.',
  ),
  RXB6006: entry(
    'Weights in {folder} do not fit router "{router}": {problem}',
    'Train again, or name the folder of the right run.',
  ),
  RXB6007: entry(
    'There is no run "{run}" under {folder}.',
    'See `ls results/runs`, or make it with `rxb run`.',
  ),
  RXB6020: entry(
    'The backend transformers needs Python, but "{python}" cannot be started: {problem}',
    'Install Python 3.9 or newer, or name one with the option `python`.',
  ),
  RXB6021: entry(
    'The backend transformers needs {module}, but "{python}" cannot load it: {problem}',
    'Install it (`pip install {module}`), or name a Python that has it with the option `python`.',
  ),
  RXB6022: entry(
    'transformers cannot read the model in {folder}: {problem}',
    'Look at the folder, `device` and `dtype`; docs/models.md, "Backend transformers", says what is needed.',
  ),
  RXB6023: entry(
    'The Python process that reads hidden states of {folder} ended early: {problem}',
    'Mend the cause (a smaller `batchTokens` where memory ran out), then run the same command again; finished work is kept.',
  ),
  RXB6201: entry(
    '"{family}" is a family of routers: which one is not said.',
    'Give the option {option}: one of {types}, or one of their other names. On the command line write {family}:TYPE.',
  ),
  RXB6202: entry(
    'The family of routers "{family}" has no "{type}" ({option}).{suggestion}',
    'See `rxb show {family}`.',
  ),
  RXB6203: entry(
    '"{batch}" stands for several routers, so it cannot be called "{as}".',
    'Leave `as` out, or list them one by one: {routers}.',
  ),
  RXB6301: entry(
    'The classifier in {folder} has a head that was never trained: its bias is exactly 0.',
    'Fine-tune it with `rxb finetune`, or name a folder whose head was trained.',
  ),
  RXB6302: entry(
    'It cannot be told whether the head of the classifier in {folder} was trained: {problem}.',
    'Export the classifier from Hugging Face weights anew, or fine-tune it with `rxb finetune`.',
  ),
  RXB6303: entry(
    'Fine-tuning needs Python, but "{python}" cannot be started: {problem}',
    'Install Python 3.8 or newer, or name one with --python (or RXB_PYTHON).',
  ),
  RXB6304: entry(
    'Fine-tuning needs torch, but "{python}" cannot load it: {problem}',
    'Install it (`pip install torch`), or name a Python that has it with --python (or RXB_PYTHON).',
  ),
  RXB6305: entry(
    'The folder {folder} cannot be fine-tuned: {problem}',
    'Name a Hugging Face folder of DeBERTa-v2 or -v3: config.json, tokenizer.json, model.safetensors or pytorch_model.bin.',
  ),
  RXB6306: entry(
    'Fine-tuning failed: {problem}',
    'See {log}; once the cause is mended, the same command goes on from the state that was kept last.',
  ),
  RXB6307: entry(
    'The folder {folder} is there already, and holds {holds}.',
    'Name another folder with --out, or remove this one.',
  ),
  RXB6308: entry(
    'The classifier "{model}" of router "{router}" was fine-tuned on {dataset}/{split}, and this run tests on that set.',
    'Fine-tune it on the in-domain sets of this config, or take the set or the router out.',
  ),
  RXB6309: entry(
    'The classifier "{model}" tells {classes} classes apart; a router needs two (class 1: the weak model will do), or one logit.',
    'Name a classifier with two classes.',
  ),
  RXB7001: entry(
    'Scorer "{scorer}" gave {value} for "{id}", outside its scale [{min}, {max}].',
    'Mend the scorer or the scale it declares.',
  ),
  RXB7002: entry(
    'Scorer "{scorer}" grades in [{min}, {max}], but dataset "{dataset}" has the scale [{wantedMin}, {wantedMax}].',
    'Choose a scorer with the scale of the dataset.',
  ),
  RXB7101: entry(
    'The prompt of xVerify cannot be read from {file}: {problem}',
    'Name a checkout of IAAR-Shanghai/xVerify with `checkout`, or leave the option out to use our own wording.',
  ),
  RXB7102: entry(
    'These scorers cannot form a chain, for their scales differ: {scorers}.',
    'Chain scorers of one scale.',
  ),
  RXB8001: entry(
    '{after} cannot be compared with {before}: {problem}.',
    'If the change is meant, accept a new baseline (`rxb baseline accept --reason …`); else put back what changed.',
  ),
  RXB8002: entry(
    '{side} is nothing that can be compared: {problem}.',
    'Name a run, a baseline or board file (.json), or git:REF. `rxb baseline accept --reason …` makes the first baseline.',
  ),
  RXB8003: entry(
    'The commit "{ref}" cannot be read: {problem}.',
    'Check the name, or fetch it first (in GitHub Actions: `fetch-depth: 0`).',
  ),
  RXB8004: entry(
    'The check cannot be made: {problem}.',
    'Make the whole run (`rxb run`), or change `gate` in the config.',
  ),
  RXB8005: entry(
    'Run "{run}" cannot become the baseline: {problem}.',
    'Make the whole run (`rxb run`) without --limit, --routers and --datasets, then accept it.',
  ),
} as const satisfies Record<string, Entry>;

/** A code of the catalogue. */
export type ErrorCode = keyof typeof CATALOGUE;

/** Values for the `{name}` places of a message. */
export type ErrorDetails = Readonly<Record<string, string | number>>;

const fill = (text: string, details: ErrorDetails): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    name in details ? String(details[name]) : whole,
  );

/** Something a user can mend: a code, what is wrong, where, and what to do. */
export class HarnessError extends Error {
  override readonly name = 'HarnessError';
  readonly code: ErrorCode;
  readonly problem: string;
  readonly fix: string;
  /** Where in the user's files, such as `harness.config.ts:14 (routers[3])`. */
  readonly location: string | undefined;
  readonly details: ErrorDetails;

  constructor(
    code: ErrorCode,
    details: ErrorDetails = {},
    options: { readonly cause?: unknown; readonly location?: string } = {},
  ) {
    const { message, fix } = CATALOGUE[code];
    const problem = fill(message, details);
    const location = options.location === undefined ? '' : ` In ${options.location}.`;
    super(
      `${code} ${problem}${location} ${fill(fix, details)}`,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.code = code;
    this.problem = problem;
    this.fix = fill(fix, details);
    this.location = options.location;
    this.details = details;
  }
}

/** Several mistakes found in one look, so that they can be mended in one go. */
export class HarnessErrors extends Error {
  override readonly name = 'HarnessErrors';
  readonly errors: readonly HarnessError[];

  constructor(errors: readonly HarnessError[]) {
    super(errors.map((error) => error.message).join('\n'));
    this.errors = errors;
  }
}

/** The message of anything that was thrown. */
export const getErrorMessage = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
