/** A dataset under test, and the options of its suite. */
import type { Dataset, DatasetRow } from '../core/contracts.js';
import type { DatasetDefinition } from '../core/definitions.js';
import { settled } from '../core/plugin.js';
import { buildSubject, type PluginClass, type PluginSubject } from './subject.js';

/** Options of the dataset suite. */
export interface DatasetSuite {
  readonly options?: object;
  /** Folder for relative paths of FILES. */
  readonly folder?: string;
  /**
   * The scorer the dataset declares; with it, every reference must be graded at the top of the
   * scale.
   */
  readonly scorer?: PluginClass;
  readonly scorerOptions?: object;
  /**
   * False if the rows are not available here, for example because files must be downloaded: only
   * the definition is checked.
   */
  readonly rows?: false;
  /**
   * Prompts that are known to be in two splits in the publisher's files; the harness removes them
   * from the rows it fits on.
   */
  readonly sharedPrompts?: number;
  /**
   * Version, and for each split the result of {@link datasetContent}: content may only change
   * together with the version.
   */
  readonly pinned?: {
    readonly version: number;
    readonly content: Readonly<Record<string, string>>;
  };
}

/** A dataset under test. */
export interface DatasetSubject extends PluginSubject<'dataset'> {
  readonly definition: DatasetDefinition | undefined;
  /** All rows of a split; read once. */
  readonly rows: (split: string) => Promise<readonly DatasetRow[]>;
  /** All rows of a split, read by a new instance. */
  readonly read: (split: string) => Promise<readonly DatasetRow[]>;
  /** Its paraphrases of a row, if it has that member. */
  readonly paraphrases: () => NonNullable<Dataset['paraphrases']> | undefined;
  readonly scorer: PluginSubject<'scorer'> | undefined;
  readonly suite: DatasetSuite;
}

/**
 * The definition of the dataset with its options; the plain definition if the options are rejected,
 * which another rule reports.
 */
const getDefinition = ({
  mark,
  options,
}: PluginSubject<'dataset'>): DatasetDefinition | undefined => {
  if (mark?.kind !== 'dataset') return undefined;
  try {
    return settled(mark.definition, options());
  } catch {
    return mark.definition;
  }
};

/** Prepares a dataset class for the rules. */
export const datasetSubject = (plugin: PluginClass, suite: DatasetSuite): DatasetSubject => {
  const base = buildSubject('dataset', plugin, suite.options, suite.folder);
  const read = async (split: string): Promise<readonly DatasetRow[]> => {
    const rows: DatasetRow[] = [];
    for await (const row of base.make().read(split)) rows.push(row);
    return rows;
  };
  const kept = new Map<string, Promise<readonly DatasetRow[]>>();
  const rows = (split: string): Promise<readonly DatasetRow[]> => {
    const reading = kept.get(split) ?? read(split);
    kept.set(split, reading);
    return reading;
  };
  return {
    ...base,
    suite,
    definition: getDefinition(base),
    rows,
    read,
    paraphrases: () => base.make().paraphrases,
    scorer:
      suite.scorer === undefined
        ? undefined
        : buildSubject('scorer', suite.scorer, suite.scorerOptions),
  };
};
