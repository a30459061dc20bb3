/** What surrounds a value: a unit, a currency, a percent sign. */

/** A value without its surroundings. */
export interface Quantity {
  readonly core: string;
  readonly percent: boolean;
  /**
   * In the spelling of mathjs if it is a known measuring unit, else as written; undefined if there
   * is none.
   */
  readonly unit: string | undefined;
  /** It may also be a product of names: `5m`, `2 ab`. */
  readonly loose: boolean;
}

const LEADING =
  /^(?:(?:about|approximately|approx\.?|around|roughly|exactly|only|a total of|约为?|大约|共|≈)\s{0,3}|\\approx\s{0,3}|~\s{0,3}|=\s{0,3}(?!=)|(?:US\\?\$|[€£¥￥])\s{0,3}|\\?\$\s{0,3})+/i;
const PERCENT =
  /\s{0,3}(?:\\?%|\\text\s?\{\s{0,3}(?:\\?%|percent)\s{0,3}\}|per\s?cent|percent|pct\.?|percentage points?)$/i;
const CHINESE_PERCENT = /^百分之\s{0,3}(?=\d)/;
const DEGREES = /\^\s?\{?\s?\\circ\s?\}?\s{0,2}(?:\\(?:text|mathrm)\s?\{?\s?([CF])\s?\}?|([CF]))?$/;
const LATEX_UNIT =
  /\\(?:text|textrm|textit|textbf|textnormal|mathrm|mathbf|mbox|rm)\s?\{([^{}]{1,60})\}((?:\s?\^\s?\{?\s?-?\d\s?\}?)?)$/;
const PLAIN_UNIT =
  /(\s{0,3})(?<![A-Za-z\\])([A-Za-z\u00b5\u4e00-\u9fff][A-Za-z\u00b5\u4e00-\u9fff .]{0,40}(?:\/[A-Za-z]{1,12})?)((?:\s?\^\s?\{?\s?-?\d\s?\}?)?)$/;

/** Words that go on about a value instead of measuring it. */
const PROSE = /^(?:for|when|where|if|with|as|since|because|so|and|or|which)\b/i;

const CHINESE: Readonly<Record<string, string>> = {
  毫米: 'mm',
  厘米: 'cm',
  分米: 'dm',
  米: 'm',
  千米: 'km',
  公里: 'km',
  平方厘米: 'cm^2',
  平方分米: 'dm^2',
  平方米: 'm^2',
  立方厘米: 'cm^3',
  立方米: 'm^3',
  克: 'g',
  千克: 'kg',
  公斤: 'kg',
  吨: 'tonne',
  毫升: 'ml',
  升: 'l',
  秒: 's',
  分钟: 'minute',
  小时: 'hour',
  天: 'day',
  度: 'deg',
};
const ENGLISH: Readonly<Record<string, string>> = {
  degree: 'deg',
  degrees: 'deg',
  sec: 's',
  secs: 's',
  hr: 'hour',
  hrs: 'hour',
  min: 'minute',
  mins: 'minute',
  mph: 'mile/hour',
  kph: 'km/hour',
  kmh: 'km/hour',
  metres: 'm',
  metre: 'm',
  litre: 'l',
  litres: 'l',
  centimetres: 'cm',
  kilometres: 'km',
  tons: 'ton',
  lbs: 'lb',
  days: 'day',
};

/** Short words that are units where a space stands before them; other short words are names. */
const SHORT_UNITS = new Set(
  'm g s h l L J N W V A K C F T mm cm dm km in ft yd mi mg kg lb oz ml mL cl dl min sec hr hrs mph kph kmh rad deg Hz kHz MHz kW kWh kJ Pa kPa MPa mol USD cal'.split(
    ' ',
  ),
);
const NAMES = new Set(['theta', 'alpha', 'beta', 'gamma']);

const isLoose = (unit: string, spaced: boolean): boolean => {
  const first = unit.split(/[ /]/)[0] as string;
  if (/[^\x00-\x7f]/.test(unit)) return false;
  if (unit.split(/[ /]/).some((word) => word.length > 3)) return false;
  if (unit.includes('/') || unit.includes(' '))
    return first.length <= 3 && !SHORT_UNITS.has(first) && !/^(?:sq|cu|US)\b/.test(unit);
  return (
    NAMES.has(unit) ||
    (unit.length <= 3 && (!SHORT_UNITS.has(unit) || (unit.length === 1 && !spaced)))
  );
};

/** `square centimetres` → `cm^2`, `miles per hour` → `mile/hour`. */
function spelled(unit: string, power: string): string {
  const text = unit.trim().replace(/\.$/, '').replace(/\s+/g, ' ');
  const digit = /-?\d/.exec(power)?.[0];
  const chinese = CHINESE[text];
  if (chinese !== undefined) return chinese;
  const toNumeral = (word: string): string => ENGLISH[word.toLowerCase()] ?? word;
  const phrase = text
    .replace(/\b(?:square|sq\.?)\s(\w+)/i, (_all, word: string) => `${toNumeral(word)}^2`)
    .replace(/\b(?:cubic|cu\.?)\s(\w+)/i, (_all, word: string) => `${toNumeral(word)}^3`)
    .replace(/(\w+)\ssquared\b/i, (_all, word: string) => `${toNumeral(word)}^2`)
    .replace(/(\w+)\scubed\b/i, (_all, word: string) => `${toNumeral(word)}^3`)
    .replace(/\s(?:per|a|an)\s/i, '/')
    .split('/')
    .map((word) => toNumeral(word.trim()))
    .join('/');
  return digit === undefined ? phrase : `${phrase}^${digit}`;
}

/** Splits a cleaned text; undefined if nothing surrounds the value. */
export function parseQuantity(text: string): Quantity | undefined {
  const bare = text.replace(LEADING, '');
  const chinese = bare.replace(CHINESE_PERCENT, '');
  if (chinese !== bare) return { core: chinese, percent: true, unit: undefined, loose: false };
  const core = (end: number): string =>
    bare.slice(0, end).replace(/(?:\\[,;:! ]|[\s~]){1,20}$/, '');
  const percent = PERCENT.exec(bare);
  if (percent !== null && percent.index > 0)
    return { core: core(percent.index), percent: true, unit: undefined, loose: false };
  const degrees = DEGREES.exec(bare);
  if (degrees !== null && degrees.index > 0) {
    const scale = degrees[1] ?? degrees[2];
    return {
      core: core(degrees.index),
      percent: false,
      unit: scale === undefined ? 'deg' : `deg${scale}`,
      loose: false,
    };
  }
  const latex = LATEX_UNIT.exec(bare);
  if (latex !== null && latex.index > 0)
    return {
      core: core(latex.index),
      percent: false,
      unit: spelled(latex[1] as string, latex[2] as string),
      loose: false,
    };
  const plain = PLAIN_UNIT.exec(bare);
  if (
    plain !== null &&
    plain.index > 0 &&
    /(?:[\d)}\]]|\\pi\s{0,3})$/.test(bare.slice(0, plain.index))
  ) {
    const unit = plain[2] as string;
    if (PROSE.test(unit))
      return { core: core(plain.index), percent: false, unit: undefined, loose: false };
    return {
      core: core(plain.index),
      percent: false,
      unit: spelled(unit, plain[3] as string),
      loose: isLoose(unit, plain[1] !== ''),
    };
  }
  return bare === text ? undefined : { core: bare, percent: false, unit: undefined, loose: false };
}
