/** A dataset under test, and what its suite may be told. */
import type { Dataset, DatasetRow } from '../core/contracts.js';
import type { DatasetDefinition } from '../core/definitions.js';
import { settled } from '../core/plugin.js';
import { buildSubject, type PluginClass, type PluginSubject } from './subject.js';

/** What the dataset suite may be told. */
export interface DatasetSuite {
  readonly options?: object;
  /** Where relative paths of FILES start. */
  readonly folder?: string;
  /**
   * The scorer the dataset declares; with it, every reference must be graded at the top of the
   * scale.
   */
  readonly scorer?: PluginClass;
  readonly scorerOptions?: object;
  /**
   * False where the rows cannot be had here, such as files that must be fetched: only what the
   * dataset declares is checked.
   */
  readonly rows?: false;
  /**
   * Prompts that are known to be in two splits, as they are in the files of some publishers; the
   * harness drops them from what it fits on.
   */
  readonly sharedPrompts?: number;
  /**
   * Version and split → what {@link datasetContent} said of it: content may only change together
   * with the version.
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
  /** Its other wordings of a row, where it has that member. */
  readonly paraphrases: () => NonNullable<Dataset['paraphrases']> | undefined;
  readonly scorer: PluginSubject<'scorer'> | undefined;
  readonly suite: DatasetSuite;
}

/**
 * What the dataset declares under its options; the bare declaration where the options are refused,
 * which is another rule's business.
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
  const own = buildSubject('dataset', plugin, suite.options, suite.folder);
  const read = async (split: string): Promise<readonly DatasetRow[]> => {
    const rows: DatasetRow[] = [];
    for await (const row of own.make().read(split)) rows.push(row);
    return rows;
  };
  const kept = new Map<string, Promise<readonly DatasetRow[]>>();
  const rows = (split: string): Promise<readonly DatasetRow[]> => {
    const reading = kept.get(split) ?? read(split);
    kept.set(split, reading);
    return reading;
  };
  return {
    ...own,
    suite,
    definition: getDefinition(own),
    rows,
    read,
    paraphrases: () => own.make().paraphrases,
    scorer:
      suite.scorer === undefined
        ? undefined
        : buildSubject('scorer', suite.scorer, suite.scorerOptions),
  };
};
