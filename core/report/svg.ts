/** Score against call rate of every router on one set, as one SVG that reads in light and in dark. */
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import type { RouterResult } from '../results/types.js';

const PLOT = { left: 64, top: 48, width: 560, height: 400 } as const;
const LEGEND_ROW = 18;

// Okabe and Ito's colours, safe for colour-blind readers; after eight routers the dashes change.
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8c6d31', '#7f7f7f'];
const DASHES = ['', '7 3', '2 3', '9 3 2 3'];

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
const fixed = (value: number): string => value.toFixed(2);

interface Series {
  readonly name: string;
  readonly points: RouterResult['curve'];
  readonly style: string;
}

/** The picture. Routers without a curve are left out; controls with one point are dots. */
export function curvesSvg(dataset: string, results: readonly RouterResult[]): string {
  const lines: Series[] = [];
  const dots: Series[] = [];
  let routers = 0;
  const ordered = [...results.filter(({ plugin }) => plugin !== null), ...results.filter(({ plugin }) => plugin === null)];
  for (const { router, plugin, curve } of ordered) {
    if (curve.length === 0) continue;
    if (plugin === null) (curve.length === 1 ? dots : lines).push({ name: router, points: curve, style: `class="${router === 'oracle' ? 'oracle' : 'control'}"` });
    else {
      const dash = DASHES[Math.floor(routers / COLOURS.length) % DASHES.length] as string;
      lines.push({ name: router, points: curve, style: `stroke="${COLOURS[routers % COLOURS.length] as string}"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}` });
      routers++;
    }
  }
  const scores = [...lines, ...dots].flatMap(({ points }) => points.map(([, score]) => score));
  const y = scaleLinear([Math.min(...scores), Math.max(...scores)], [PLOT.top + PLOT.height, PLOT.top]).nice();
  const x = scaleLinear([0, 1], [PLOT.left, PLOT.left + PLOT.width]);
  const path = line<readonly [number, number]>((point) => Number(fixed(x(point[0]))), (point) => Number(fixed(y(point[1]))));

  const legend = [...lines, ...dots];
  const height = Math.max(PLOT.top + PLOT.height + 56, PLOT.top + legend.length * LEGEND_ROW + 16);
  const longest = Math.max(...legend.map(({ name }) => name.length), 0);
  const legendX = PLOT.left + PLOT.width + 24;
  const width = legendX + 40 + longest * 7 + 12;
  const bottom = PLOT.top + PLOT.height;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(`Score against call rate on ${dataset}`)}">`,
    '<style>',
    'svg { background: #fff; font: 12px system-ui, sans-serif } text { fill: #222 } .grid { stroke: #ddd } .axis { stroke: #444 } .curve path { fill: none; stroke-width: 1.8 }',
    '.control { stroke: #888; fill: #888; stroke-dasharray: 4 4 } .oracle { stroke: #222; fill: #222; stroke-dasharray: 1 2 } path.control, path.oracle { fill: none } circle { stroke: none }',
    '@media (prefers-color-scheme: dark) { svg { background: #14171a } text { fill: #e6e6e6 } .grid { stroke: #333 } .axis { stroke: #aaa } .oracle { stroke: #f2f2f2; fill: #f2f2f2 } }',
    '</style>',
    `<text x="${PLOT.left}" y="26" font-size="16" font-weight="600">${escaped(dataset)}</text>`,
  ];
  for (const tick of y.ticks(6)) {
    const at = fixed(y(tick));
    parts.push(`<line class="grid" x1="${PLOT.left}" x2="${PLOT.left + PLOT.width}" y1="${at}" y2="${at}"/>`, `<text x="${PLOT.left - 8}" y="${at}" dy="0.35em" text-anchor="end">${y.tickFormat(6)(tick)}</text>`);
  }
  for (const tick of x.ticks(10)) {
    const at = fixed(x(tick));
    parts.push(`<line class="axis" x1="${at}" x2="${at}" y1="${bottom}" y2="${bottom + 5}"/>`, `<text x="${at}" y="${bottom + 20}" text-anchor="middle">${Math.round(tick * 100)} %</text>`);
  }
  parts.push(
    `<line class="axis" x1="${PLOT.left}" x2="${PLOT.left + PLOT.width}" y1="${bottom}" y2="${bottom}"/>`,
    `<text x="${PLOT.left + PLOT.width / 2}" y="${bottom + 42}" text-anchor="middle">queries sent to the strong model</text>`,
    `<text transform="translate(16 ${PLOT.top + PLOT.height / 2}) rotate(-90)" text-anchor="middle">mean score</text>`,
    '<g class="curve">',
    ...lines.map(({ points, style }) => `<path ${style} d="${path([...points]) ?? ''}"/>`),
    '</g>',
    ...dots.map(({ points: [point], style }) => `<circle ${style} r="4.5" cx="${fixed(x(point?.[0] ?? 0))}" cy="${fixed(y(point?.[1] ?? 0))}"/>`),
  );
  legend.forEach(({ name, style, points }, i) => {
    const at = PLOT.top + 8 + i * LEGEND_ROW;
    parts.push(
      points.length === 1 ? `<circle ${style} r="4.5" cx="${legendX + 14}" cy="${at}"/>` : `<line ${style} stroke-width="2" x1="${legendX}" x2="${legendX + 28}" y1="${at}" y2="${at}"/>`,
      `<text x="${legendX + 36}" y="${at}" dy="0.35em">${escaped(name)}</text>`,
    );
  });
  return `${parts.join('\n')}\n</svg>\n`;
}
