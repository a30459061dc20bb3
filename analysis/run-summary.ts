import type { RunCall } from '../storage/results/types.js';
import { countText } from './util/count-text.js';

const callsText = (calls: RunCall['modelCalls']): string => {
  const made = Object.entries(calls).filter(([, count]) => count > 0);
  if (made.length === 0) return '0 model calls: all work was finished before';
  const total = made.reduce((sum, [, count]) => sum + count, 0);
  return `${countText(total, 'model call')} (${made.map(([name, count]) => `${name} ${count}`).join(', ')})`;
};

/** The cost of the run; empty where no model costs anything. */
function spendText({ usd, models }: RunCall['spend']): string {
  const accounts = Object.values(models);
  if (accounts.length === 0) return '';
  const cached = accounts.reduce((sum, account) => sum + account.cached, 0);
  const failed = accounts.reduce((sum, account) => sum + account.failed, 0);
  return [
    usd === null ? ', US$ unknown' : `, US$ ${usd.toFixed(4)}`,
    ...(cached > 0 ? [`${countText(cached, 'reply', 'replies')} from the cache`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ].join(', ');
}

/**
 * Calls, cost and time of a run in one sentence, such as
 * `320 model calls (weak 160, strong 160), 3.1 s.`
 */
export const summarizeRun = ({
  modelCalls,
  spend,
  seconds,
}: Pick<RunCall, 'modelCalls' | 'spend' | 'seconds'>): string =>
  `${callsText(modelCalls)}${spendText(spend)}, ${seconds.toFixed(1)} s.`;
