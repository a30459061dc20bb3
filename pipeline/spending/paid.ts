import type { ModelInfo, ModelMethod } from '../../core/contracts.js';

/** Whether asking a model in this way costs money or another machine's time. */
export const isPaid = ({ remote }: ModelInfo, method: ModelMethod): boolean =>
  remote !== undefined && remote.here?.includes(method) !== true;
