import type { ModelCard, ModelMethod } from '../../core/contracts.js';

/** Whether asking a model in this way costs money or somebody else's time. */
export const isPaid = ({ remote }: ModelCard, method: ModelMethod): boolean =>
  remote !== undefined && remote.here?.includes(method) !== true;
