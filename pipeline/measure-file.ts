/** Every metric for rows of one's own, `{ id, weak, strong, confidence }`, read as a stream. */
import { isObject, parseJson } from '../core/util/json.js';
import { HarnessError, getErrorMessage } from '../core/errors.js';
import { measureRouter } from '../analysis/metrics/measure.js';
import { refuseBroken, type ProjectMetric } from './planning/metrics.js';
import { viewsFromColumns, type RawColumns } from '../analysis/metrics/nulls.js';
import type { MetricSettings, MetricValue } from '../analysis/metrics/types.js';
import { Growable } from './util/growable.js';
import { IdSet } from './util/id-set.js';
import { mean } from '../analysis/metrics/mean.js';
import { readLines } from '../storage/lines.js';
import { PipelineError } from './errors.js';

/** How to read the rows. */
export interface MeasureOptions extends MetricSettings {
  readonly label: 'weak-correct' | 'weak-at-least-strong';
  /** Grades go from 0 to this. */
  readonly scale: number;
  /** Confidences are probabilities that the label is 1; set `calibrated` too. */
  readonly probabilities?: boolean;
}

/** What came out; the counts say what the metrics stand on. */
export interface Measurement {
  readonly rows: {
    readonly total: number;
    readonly scored: number;
    readonly nullWeak: number;
    readonly nullStrong: number;
    readonly nullConfidence: number;
  };
  readonly weakMean: number | null;
  readonly strongMean: number | null;
  /** On the rows with both grades; a null confidence is escalated first. */
  readonly metrics: Readonly<Record<string, MetricValue>>;
  /** The same with null grades counted as 0. */
  readonly fixedDenominator: Readonly<Record<string, MetricValue>>;
}

async function* numberedLines(file: string): AsyncGenerator<readonly [number, string]> {
  let number = 0;
  for await (const line of readLines(file, file)) {
    number++;
    if (line.trim() !== '') yield [number, line];
  }
}

interface Row {
  readonly id: string;
  readonly weak: number | null;
  readonly strong: number | null;
  readonly confidence: number | null;
  /** US dollars, as `rxb run` writes them; null = not known, absent = no such column. */
  readonly weakCost: number | null | undefined;
  readonly strongCost: number | null | undefined;
  readonly strongAloneCost: number | null | undefined;
}

/** Its sigmoid is 1, and that of its negative 0; infinite confidences mean something else. */
const CERTAIN = 800;

/** The log-odds of a probability. */
const toLogit = (probability: number): number =>
  Math.min(CERTAIN, Math.max(-CERTAIN, Math.log(probability / (1 - probability))));

function parseRow(
  file: string,
  line: number,
  text: string,
  { scale, probabilities = false }: Pick<MeasureOptions, 'scale' | 'probabilities'>,
): Row {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (cause) {
    throw new HarnessError(
      'invalidJson',
      { file, line, problem: getErrorMessage(cause) },
      { cause },
    );
  }
  const wrong = (problem: string): HarnessError =>
    new HarnessError('invalidRow', { file, line, problem });
  if (!isObject(value)) throw wrong('is not an object');
  const row = value;
  const id = row['id'];
  if ((typeof id !== 'string' && typeof id !== 'number') || id === '') throw wrong('has no id');
  const number = (name: string): number | null => {
    const read = row[name];
    // parseJson keeps the digits of an integer this long, which matter in ids only
    const given = typeof read === 'string' && /^-?\d{16,400}$/.test(read) ? Number(read) : read;
    if (given === null) return null;
    if (given === undefined) throw wrong(`has no ${name} (write null for none)`);
    if (typeof given !== 'number' || !Number.isFinite(given))
      throw wrong(`has the ${name} ${JSON.stringify(given)}, which is not a finite number`);
    return given;
  };
  const cost = (name: string): number | null | undefined => {
    const given = row[name] === undefined ? undefined : number(name);
    if (typeof given === 'number' && given < 0) throw wrong(`has the ${name} ${given}, below 0`);
    return given;
  };
  const grade = (name: string): number | null => {
    const given = number(name);
    if (given !== null && (given < 0 || given > scale))
      throw wrong(`has the ${name} grade ${given}, outside 0 to ${scale} (see --scale)`);
    return given;
  };
  const confidence = (): number | null => {
    const given = number('confidence');
    if (!probabilities || given === null) return given;
    if (given < 0 || given > 1)
      throw wrong(`has the confidence ${given}, which is not a probability (see --probabilities)`);
    return toLogit(given);
  };
  return {
    id: String(id),
    weak: grade('weak'),
    strong: grade('strong'),
    confidence: confidence(),
    weakCost: cost('weakCost'),
    strongCost: cost('strongCost'),
    strongAloneCost: cost('strongAloneCost'),
  };
}

/** The lines on which an id stands, read again: hashes alone do not prove that an id is double. */
async function findLines(
  file: string,
  id: string,
  options: MeasureOptions,
): Promise<readonly number[]> {
  const found: number[] = [];
  for await (const [line, text] of numberedLines(file))
    if (parseRow(file, line, text, options).id === id) found.push(line);
  return found;
}

/** The columns of a file, while it is read. */
class Columns {
  readonly #grades = { weak: new Growable(), strong: new Growable(), confidence: new Growable() };
  readonly #costs = { weak: new Growable(), strong: new Growable(), strongAlone: new Growable() };
  #hasCosts = false;

  get length(): number {
    return this.#grades.weak.length;
  }

  add({ weak, strong, confidence, weakCost, strongCost, strongAloneCost = strongCost }: Row): void {
    this.#grades.weak.push(weak ?? NaN);
    this.#grades.strong.push(strong ?? NaN);
    this.#grades.confidence.push(confidence ?? NaN);
    this.#costs.weak.push(weakCost ?? NaN);
    this.#costs.strong.push(strongCost ?? NaN);
    this.#costs.strongAlone.push(strongAloneCost ?? NaN);
    this.#hasCosts ||= typeof weakCost === 'number' || typeof strongCost === 'number';
  }

  values(): RawColumns {
    const { weak, strong, confidence } = this.#grades;
    const cost = {
      weak: this.#costs.weak.values(),
      strong: this.#costs.strong.values(),
      strongAlone: this.#costs.strongAlone.values(),
    };
    return {
      weak: weak.values(),
      strong: strong.values(),
      confidence: confidence.values(),
      ...(this.#hasCosts ? { cost } : {}),
    };
  }
}

const computeMean = (values: Float64Array): number | null =>
  values.length === 0 ? null : mean(values);

/**
 * Reads the file once (twice where an id looks double) and measures. About 60 bytes a row are held.
 */
export async function measureFile(
  metrics: readonly ProjectMetric[],
  file: string,
  options: MeasureOptions,
): Promise<Measurement> {
  const columns = new Columns();
  const ids = new IdSet();
  for await (const [line, text] of numberedLines(file)) {
    const row = parseRow(file, line, text, options);
    if (ids.add(row.id)) {
      const [first, second] = await findLines(file, row.id, options);
      if (first !== undefined && second !== undefined)
        throw new PipelineError('duplicateId', {
          id: row.id,
          first: `${file}:${first}`,
          second: `line ${second}`,
        });
    }
    if (
      options.label === 'weak-correct' &&
      row.weak !== null &&
      row.weak !== 0 &&
      row.weak !== options.scale
    ) {
      throw new PipelineError('gradesNotBinary', { file, line, value: row.weak });
    }
    columns.add(row);
  }
  if (columns.length === 0) throw new PipelineError('emptyFile', { file });
  const { headline, fixedDenominator, counts } = viewsFromColumns(columns.values(), {
    scale: [0, options.scale],
    getLabel: (w, s) => ((options.label === 'weak-correct' ? w >= options.scale : w >= s) ? 1 : 0),
  });
  const measured = measureRouter(metrics, headline, options);
  refuseBroken(metrics);
  return {
    rows: counts,
    weakMean: computeMean(headline.weak),
    strongMean: computeMean(headline.strong),
    metrics: measured,
    fixedDenominator:
      counts.scored === counts.total ? measured : measureRouter(metrics, fixedDenominator, options),
  };
}
