import { CORE_ERRORS } from './error-catalogue.js';
import type {
  ErrorArguments,
  ErrorCatalogue,
  ErrorContext,
  ErrorDetails,
  ErrorEntry,
} from './error-entry.js';

/** An error as data: it crosses threads and processes, and `new HarnessError(data)` restores it. */
export interface ErrorData extends Required<ErrorEntry> {
  readonly kind: string;
  readonly details: ErrorDetails;
  readonly location?: string | undefined;
}

const fill = (text: string, details: ErrorDetails): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    name in details ? String(details[name]) : whole,
  );

const sentence = (text: string): string => (/[.!?…:\n]$/.test(text) ? text : `${text}.`);

const describe = (
  kind: string,
  entry: ErrorEntry,
  details: ErrorDetails = {},
  { location }: ErrorContext = {},
): ErrorData => {
  const [message, fix] = [sentence(fill(entry.message, details)), fill(entry.fix, details)];
  const data = { exit: 2, resumable: false, stopsRun: false, ...entry } as const;
  return { ...data, kind, message, fix, details, location };
};

/** Something that a user can fix. Other modules and plugins {@link defineErrors} of their own. */
export class HarnessError extends Error {
  override readonly name = 'HarnessError';
  /** Symbolic name, such as `unknownRouter`: what code compares. */
  readonly kind: string;
  /** Number that users see. */
  readonly code: string;
  /** What happened, without code, location and fix. */
  readonly problem: string;
  readonly fix: string;
  /** Where in the user's files, such as `harness.config.ts:14 (routers[3])`. */
  readonly location: string | undefined;
  readonly details: ErrorDetails;
  readonly exit: 2 | 3 | 6;
  readonly resumable: boolean;
  readonly stopsRun: boolean;

  constructor(...given: ErrorArguments<typeof CORE_ERRORS> | [data: ErrorData]) {
    const [kind, details, context] = given;
    const data =
      typeof kind === 'object' ? kind : describe(kind, CORE_ERRORS[kind], details, context);
    const location = data.location === undefined ? '' : ` In ${data.location}.`;
    const text = `${data.code} ${data.message}${location} ${data.fix}`;
    super(text, context?.cause === undefined ? {} : { cause: context.cause });
    this.kind = data.kind;
    this.code = data.code;
    this.problem = data.message;
    this.fix = data.fix;
    this.location = data.location;
    this.details = data.details;
    this.exit = data.exit;
    this.resumable = data.resumable;
    this.stopsRun = data.stopsRun;
  }

  /** The error without its cause and stack. */
  toData(): ErrorData {
    const { kind, code, problem, fix, exit, resumable, stopsRun, details, location } = this;
    return { kind, code, message: problem, fix, exit, resumable, stopsRun, details, location };
  }
}

/** A class of errors with a catalogue of its own. */
export interface ErrorClass<Catalogue extends ErrorCatalogue> {
  new (...given: ErrorArguments<Catalogue>): HarnessError;
  readonly catalogue: Catalogue;
}

/**
 * Errors of a module or plugin: `const MyError = defineErrors({ noKey: { code: 'ACME1', … } })`,
 * then `throw new MyError('noKey')`.
 */
export function defineErrors<const Catalogue extends ErrorCatalogue>(
  catalogue: Catalogue,
): ErrorClass<Catalogue> {
  return class extends HarnessError {
    static readonly catalogue = catalogue;

    constructor(...given: ErrorArguments<Catalogue>) {
      const [kind, details, context] = given as [string, ErrorDetails?, ErrorContext?];
      super(describe(kind, catalogue[kind] as ErrorEntry, details, context));
      if (context?.cause !== undefined) this.cause = context.cause;
    }
  };
}

/** Several mistakes, reported at once. */
export class HarnessErrors extends Error {
  override readonly name = 'HarnessErrors';

  constructor(readonly errors: readonly HarnessError[]) {
    super(errors.map((error) => error.message).join('\n'));
  }
}

/** The errors with a code in anything that was thrown; undefined where it has none. */
export function getHarnessErrors(thrown: unknown): readonly HarnessError[] | undefined {
  if (thrown instanceof HarnessErrors) return thrown.errors;
  return thrown instanceof HarnessError ? [thrown] : undefined;
}

/** The message of anything that was thrown. */
export const getErrorMessage = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
