/** What recorded datasets have in common. */
import type { DatasetDefinition } from '../../../core/index.js';
import { PARTS } from './split.js';

/** Grades are between 0 and 1 and were recorded with the answers. */
export const RECORDED = {
  splits: [...PARTS],
  scorer: 'recorded',
  scale: [0, 1],
  label: 'correct',
} as const satisfies Pick<DatasetDefinition, 'splits' | 'scorer' | 'scale' | 'label'>;
