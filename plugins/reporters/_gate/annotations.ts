import type { GateResult } from '../../../analysis/index.js';
import { worstFirst } from './text.js';

const escapeData = (text: string): string =>
  text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
const escapeProperty = (text: string): string =>
  escapeData(text).replace(/:/g, '%3A').replace(/,/g, '%2C');

/**
 * GitHub workflow commands that make annotations: errors for failures, warnings for inconclusive
 * checks.
 */
export const checkAnnotations = ({ checks }: GateResult): string =>
  worstFirst(checks)
    .filter(({ verdict }) => verdict !== 'pass')
    .map(({ verdict, router, column, metric, because }) => {
      const level = verdict === 'fail' ? 'error' : 'warning';
      const title = escapeProperty(`${router}: ${metric} on ${column}`);
      return `::${level} title=${title}::${escapeData(because)}\n`;
    })
    .join('');
