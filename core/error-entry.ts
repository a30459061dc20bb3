/** One kind of error. `{name}` in `message` and `fix` is filled from the details of the error. */
export interface ErrorEntry {
  /**
   * Number that users look up. 1xxx command line and config, 2xxx plugins, 3xxx datasets and rows,
   * 4xxx models and signals, 5xxx artifacts and disk, 6xxx routers and results, 7xxx scorers, 8xxx
   * comparisons and the gate.
   */
  readonly code: string;
  /** What happened, and where. */
  readonly message: string;
  /** What to do. */
  readonly fix: string;
  /** Exit code of the command: 2 usage, config or plugin (default), 3 incomplete, 6 budget. */
  readonly exit?: 2 | 3 | 6;
  /** Once the cause is fixed, the same command resumes where it stopped. Default false. */
  readonly resumable?: boolean;
  /** It concerns the whole run (a full disk), not one router: the run stops. Default false. */
  readonly stopsRun?: boolean;
}

/** Kinds of error by their symbolic names. */
export type ErrorCatalogue = Readonly<Record<string, ErrorEntry>>;

/** Values for the `{name}` placeholders of a message. */
export type ErrorDetails = Readonly<Record<string, string | number>>;
type Detailed<Names extends string> = ErrorDetails & Readonly<Record<Names, string | number>>;

/** Names in braces; braces around anything with a blank are text. */
type Placeholders<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `${string} ${string}` ? never : Name) | Placeholders<Rest>
  : never;

/** The names of the details that an entry needs. */
type Needed<Entry extends ErrorEntry> = Placeholders<Entry['message'] | Entry['fix']>;

/** Cause, and where in the user's files, such as `harness.config.ts:14 (routers[3])`. */
export interface ErrorContext {
  readonly cause?: unknown;
  readonly location?: string | undefined;
}

/** What the constructor of an error takes: a kind of the catalogue, and what its texts need. */
export type ErrorArguments<Catalogue extends ErrorCatalogue> = {
  [Kind in keyof Catalogue & string]: [Needed<Catalogue[Kind]>] extends [never]
    ? [kind: Kind, details?: ErrorDetails, context?: ErrorContext]
    : [kind: Kind, details: Detailed<Needed<Catalogue[Kind]>>, context?: ErrorContext];
}[keyof Catalogue & string];
