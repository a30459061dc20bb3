/**
 * Score against call rate of every router on one set, as one SVG that reads in light and in dark.
 */
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import type { RouterResult } from '../../../analysis/index.js';
import { escapeXml } from '../_text/xml.js';

const PLOT = { left: 64, top: 48, width: 560, height: 400 } as const;
const LEGEND = { gap: 36, row: 18, key: 28, letter: 7.2, rows: 23 } as const;

/**
 * Colours of lines, each as [light theme, dark theme]. Searched for by the smallest distance
 * between two of a theme, over common vision and
 * the three kinds of colour blindness, each with a contrast of at least 3 to its ground; a test
 * keeps both.
 * @internal Exported for its tests.
 */
export const COLOURS = [
  ['#394fc1', '#b2b8f7'],
  ['#e9622e', '#cfa508'],
  ['#b87ca4', '#51ab9a'],
  ['#ac1c0f', '#c83b2c'],
  ['#8080fc', '#9867e1'],
  ['#58012b', '#edee45'],
  ['#7f486e', '#7effe8'],
  ['#280183', '#1b6c8c'],
] as const;
const DASHES = ['', '7 3', '2 3', '9 3 2 3', '12 4'];

const colourRules = (theme: 0 | 1): string =>
  COLOURS.map((pair, i) => `.c${i} { stroke: ${pair[theme]} }`).join(' ');
const STYLE = [
  'svg { font: 12px system-ui, sans-serif } text { fill: #222 } .ground { fill: #fff } .grid { stroke: #ddd } .axis { stroke: #444 }',
  '.line { fill: none; stroke-width: 1.8 } .line:hover { stroke-width: 4 }',
  '.random { stroke: #888; stroke-dasharray: 4 4 } .oracle { stroke: #222; stroke-dasharray: 1 3 }',
  '.dot { stroke: #222; stroke-width: 1.6; fill: #222 } .dot.always-weak { fill: #fff }',
  colourRules(0),
  '@media (prefers-color-scheme: dark) {',
  'text { fill: #e6e6e6 } .ground { fill: #14171a } .grid { stroke: #333 } .axis { stroke: #aaa } .oracle { stroke: #f2f2f2 }',
  '.dot { stroke: #f2f2f2; fill: #f2f2f2 } .dot.always-weak { fill: #14171a }',
  colourRules(1),
  '}',
];

const fixed = (value: number): string => value.toFixed(2);

interface Series {
  readonly name: string;
  readonly points: RouterResult['curve'];
  readonly style: string;
}

/** Colour and dash of the router at an index of the list of names. */
function styleAt(index: number): string {
  const dash = DASHES[Math.floor(index / COLOURS.length) % DASHES.length] as string;
  return `class="line c${index % COLOURS.length}"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}`;
}

/**
 * Routers with a curve. The look goes by name among all routers, so that it is the same on every
 * set, whatever the order of results.
 */
function buildSeries(results: readonly RouterResult[]): readonly Series[] {
  const byName = results
    .filter(({ plugin }) => plugin !== null)
    .sort((a, b) => (a.router < b.router ? -1 : 1));
  return byName
    .map(({ router, curve }, index) => ({ name: router, points: curve, style: styleAt(index) }))
    .filter(({ points }) => points.length > 0);
}

/** Lowest and highest score, held apart where they are one. */
function extent(series: readonly Series[]): readonly [number, number] {
  const scores = series.flatMap(({ points }) => points.map(([, score]) => score));
  const [low, high] = scores.length === 0 ? [0, 1] : [Math.min(...scores), Math.max(...scores)];
  return low === high ? [low - 0.05, high + 0.05] : [low, high];
}

const meanScore = ({ points }: Series): number =>
  points.reduce((sum, [, score]) => sum + score, 0) / points.length;

/** A sample of a series and its name. */
function legendEntry({ name, style, points }: Series, left: number, y: number): readonly string[] {
  return [
    points.length === 1
      ? `<circle ${style} r="4.5" cx="${left + LEGEND.key / 2}" cy="${y}"/>`
      : `<line ${style} x1="${left}" x2="${left + LEGEND.key}" y1="${y}" y2="${y}"/>`,
    `<text x="${left + LEGEND.key + 8}" y="${y}" dy="0.35em">${escapeXml(name)}</text>`,
  ];
}

/** The legend in columns as high as the plot, and how far right it reaches. */
function buildLegend(entries: readonly Series[]): {
  readonly parts: readonly string[];
  readonly right: number;
} {
  const parts: string[] = [];
  let left: number = PLOT.left + PLOT.width + LEGEND.gap;
  for (let from = 0; from < entries.length; from += LEGEND.rows) {
    const column = entries.slice(from, from + LEGEND.rows);
    column.forEach((entry, i) =>
      parts.push(...legendEntry(entry, left, PLOT.top + 8 + i * LEGEND.row)),
    );
    left +=
      LEGEND.key +
      8 +
      Math.ceil(Math.max(...column.map(({ name }) => name.length)) * LEGEND.letter) +
      16;
  }
  return { parts, right: left };
}

/** Routers and controls that have a curve. Controls are drawn first, beneath the routers. */
interface Drawing {
  /** By name. */
  readonly routers: readonly Series[];
  readonly controls: readonly Series[];
  readonly lines: readonly Series[];
  /** Controls with one point. */
  readonly dots: readonly Series[];
}

function buildDrawing(results: readonly RouterResult[]): Drawing {
  const routers = buildSeries(results);
  const controls = results
    .filter(({ plugin, curve }) => plugin === null && curve.length > 0)
    .map(({ router, curve }): Series => ({
      name: router,
      points: curve,
      style: `class="${curve.length === 1 ? 'dot' : 'line'} ${escapeXml(router)}"`,
    }));
  return {
    routers,
    controls,
    lines: [...controls.filter(({ points }) => points.length > 1), ...routers],
    dots: controls.filter(({ points }) => points.length === 1),
  };
}

const RIGHT = PLOT.left + PLOT.width;
const BOTTOM = PLOT.top + PLOT.height;

type Scale = ReturnType<typeof scaleLinear<number, number>>;

/** Grid, ticks and titles of both axes. */
function axisParts(x: Scale, y: Scale): readonly string[] {
  return [
    ...y.ticks(6).flatMap((tick) => {
      const position = fixed(y(tick));
      return [
        `<line class="grid" x1="${PLOT.left}" x2="${RIGHT}" y1="${position}" y2="${position}"/>`,
        `<text x="${PLOT.left - 8}" y="${position}" dy="0.35em" text-anchor="end">${y.tickFormat(6)(tick)}</text>`,
      ];
    }),
    ...x.ticks(10).flatMap((tick) => {
      const position = fixed(x(tick));
      return [
        `<line class="axis" x1="${position}" x2="${position}" y1="${BOTTOM}" y2="${BOTTOM + 5}"/>`,
        `<text x="${position}" y="${BOTTOM + 20}" text-anchor="middle">${Math.round(tick * 100)} %</text>`,
      ];
    }),
    `<line class="axis" x1="${PLOT.left}" x2="${RIGHT}" y1="${BOTTOM}" y2="${BOTTOM}"/>`,
    `<text x="${PLOT.left + PLOT.width / 2}" y="${BOTTOM + 42}" text-anchor="middle">queries sent to the strong model</text>`,
    `<text transform="translate(16 ${PLOT.top + PLOT.height / 2}) rotate(-90)" text-anchor="middle">mean score</text>`,
  ];
}

/** Curves and dots, or a sentence where there are none. */
function seriesParts({ lines, dots }: Drawing, x: Scale, y: Scale): readonly string[] {
  if (lines.length + dots.length === 0)
    return [
      `<text x="${PLOT.left + PLOT.width / 2}" y="${PLOT.top + PLOT.height / 2}" text-anchor="middle">no curves on this set</text>`,
    ];
  const path = line<readonly [number, number]>(
    (point) => Number(fixed(x(point[0]))),
    (point) => Number(fixed(y(point[1]))),
  );
  return [
    ...lines.map(
      ({ name, points, style }) =>
        `<path ${style} d="${path([...points]) ?? ''}"><title>${escapeXml(name)}</title></path>`,
    ),
    ...dots.map(
      ({ name, points: [point], style }) =>
        `<circle ${style} r="4.5" cx="${fixed(x(point?.[0] ?? 0))}" cy="${fixed(y(point?.[1] ?? 0))}"><title>${escapeXml(name)}</title></circle>`,
    ),
  ];
}

/**
 * The picture of one set. Routers without a curve are left out; a control with one point is a dot.
 * The legend lists routers by mean score, the highest first, then the controls.
 */
export function curvesSvg(dataset: string, results: readonly RouterResult[]): string {
  const drawing = buildDrawing(results);
  const y = scaleLinear(extent([...drawing.lines, ...drawing.dots]), [BOTTOM, PLOT.top]).nice();
  const x = scaleLinear([0, 1], [PLOT.left, RIGHT]);
  const byScore = [...drawing.routers].sort(
    (a, b) => meanScore(b) - meanScore(a) || (a.name < b.name ? -1 : 1),
  );
  const legend = buildLegend([...byScore, ...drawing.controls]);
  const [width, height] = [legend.right, BOTTOM + 56];
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(`Score against call rate on ${dataset}`)}">`,
    '<style>',
    ...STYLE,
    '</style>',
    `<rect class="ground" width="${width}" height="${height}"/>`,
    `<text x="${PLOT.left}" y="26" font-size="16" font-weight="600">${escapeXml(dataset)}</text>`,
    ...axisParts(x, y),
    ...seriesParts(drawing, x, y),
    ...legend.parts,
  ];
  return `${parts.join('\n')}\n</svg>\n`;
}
