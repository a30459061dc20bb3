/** Unicode and typography → plain LaTeX, so that the reader has to know only one spelling. */

const SUPERSCRIPTS: Readonly<Record<string, string>> = {
  '⁰': '0',
  '¹': '1',
  '²': '2',
  '³': '3',
  '⁴': '4',
  '⁵': '5',
  '⁶': '6',
  '⁷': '7',
  '⁸': '8',
  '⁹': '9',
  '⁺': '+',
  '⁻': '-',
  ⁿ: 'n',
};
const SUBSCRIPTS: Readonly<Record<string, string>> = {
  '₀': '0',
  '₁': '1',
  '₂': '2',
  '₃': '3',
  '₄': '4',
  '₅': '5',
  '₆': '6',
  '₇': '7',
  '₈': '8',
  '₉': '9',
};
const FRACTIONS: Readonly<Record<string, string>> = {
  '½': '1/2',
  '⅓': '1/3',
  '⅔': '2/3',
  '¼': '1/4',
  '¾': '3/4',
  '⅕': '1/5',
  '⅖': '2/5',
  '⅗': '3/5',
  '⅘': '4/5',
  '⅙': '1/6',
  '⅚': '5/6',
  '⅛': '1/8',
  '⅜': '3/8',
  '⅝': '5/8',
  '⅞': '7/8',
};

const SIGNS: Readonly<Record<string, string>> = {
  '−': '-',
  '–': '-',
  '×': '\\times ',
  '·': '\\cdot ',
  '⋅': '\\cdot ',
  '÷': '\\div ',
  '√': '\\sqrt ',
  '∛': '\\sqrt[3]',
  π: '\\pi ',
  '∞': '\\infty ',
  '≤': '\\le ',
  '⩽': '\\le ',
  '≥': '\\ge ',
  '⩾': '\\ge ',
  '≠': '\\ne ',
  '±': '\\pm ',
  '∓': '\\mp ',
  '∪': '\\cup ',
  '∩': '\\cap ',
  '∈': '\\in ',
  '∅': '\\emptyset ',
  '∖': '\\setminus ',
  '°': '^\\circ ',
  '∘': '^\\circ ',
  ℝ: '\\mathbb{R}',
  '≈': '\\approx ',
  '⟨': '\\langle ',
  '⟩': '\\rangle ',
  '⌊': '\\lfloor ',
  '⌋': '\\rfloor ',
  '⌈': '\\lceil ',
  '⌉': '\\rceil ',
  α: '\\alpha ',
  β: '\\beta ',
  γ: '\\gamma ',
  δ: '\\delta ',
  ε: '\\epsilon ',
  θ: '\\theta ',
  λ: '\\lambda ',
  μ: '\\mu ',
  ρ: '\\rho ',
  σ: '\\sigma ',
  τ: '\\tau ',
  φ: '\\phi ',
  ω: '\\omega ',
  '⁄': '/',
  '、': ',',
  '。': '.',
  '“': '"',
  '”': '"',
};

/** Commands for brackets that have a plainer spelling. */
const OTHER_BRACKETS: Readonly<Record<string, string>> = {
  '\\vert': '|',
  '\\Vert': '\\|',
  '\\lbrack': '[',
  '\\rbrack': ']',
  '\\lbrace': '\\{',
  '\\rbrace': '\\}',
  '\\lgroup': '(',
  '\\rgroup': ')',
  '\\ulcorner': '\\lceil ',
  '\\urcorner': '\\rceil ',
  '\\llcorner': '\\lfloor ',
  '\\lrcorner': '\\rfloor ',
  '\\exponentialE': 'e ',
  '\\imaginaryI': 'i ',
  '\\bar': '\\overline ',
};
const BRACKETS =
  /\\(?:vert|Vert|[lr]brack|[lr]brace|[lr]group|[ul][lr]corner|exponentialE|imaginaryI|bar)(?![A-Za-z])/g;

const buildCharacterPattern = (table: Readonly<Record<string, string>>): RegExp =>
  new RegExp(`[${Object.keys(table).join('')}]`, 'gu');
const run = (table: Readonly<Record<string, string>>): RegExp =>
  new RegExp(`[${Object.keys(table).join('')}]+`, 'gu');
const [SUPERSCRIPT, SUBSCRIPT, FRACTION, SIGN] = [
  run(SUPERSCRIPTS),
  run(SUBSCRIPTS),
  buildCharacterPattern(FRACTIONS),
  buildCharacterPattern(SIGNS),
];
const spelled = (table: Readonly<Record<string, string>>, text: string): string =>
  [...text].map((character) => table[character]).join('');

const DELIMITERS = [
  ['$$', '$$'],
  ['$', '$'],
  ['\\(', '\\)'],
  ['\\[', '\\]'],
  ['**', '**'],
  ['`', '`'],
  ['"', '"'],
  ['*', '*'],
] as const;

/** The text without delimiters around the whole of it. */
function unwrapped(text: string): string {
  let inner = text.trim().replace(/[\s.,;:]{1,20}$/, '');
  for (let i = 0; i < 6; i++) {
    const pair = DELIMITERS.find(
      ([open, close]) =>
        inner.length > open.length + close.length &&
        inner.startsWith(open) &&
        inner.endsWith(close),
    );
    if (pair === undefined) break;
    const content = inner.slice(pair[0].length, inner.length - pair[1].length);
    if (content.includes(pair[0])) break; // "$1$ and $2$" is not wrapped
    inner = content.trim().replace(/[\s.,;:]{1,20}$/, '');
  }
  return inner;
}

/** Commands that are never the first word of a new line of a matrix. */
const DOUBLED =
  /(?<!\\)\\\\(?=(?:[dt]?frac|sqrt|left|right|pi|leq?|geq?|text|boxed|cdot|times|infty|mathbf|mathrm|theta|alpha|beta|begin|end|pm|cup|quad|circ|angle|sin|cos|tan|log|ln)(?![a-z]))/g;

/** The text with single backslashes where a writer of JSON or code doubled them. */
export const withoutDoubledBackslashes = (text: string): string =>
  text.includes('\\\\') ? text.replace(DOUBLED, '\\') : text;

/** Cleans an expression of at most a few thousand characters. */
export function cleaned(text: string): string {
  const latex = withoutDoubledBackslashes(text)
    .replace(SUPERSCRIPT, (found) => `^{${spelled(SUPERSCRIPTS, found)}}`)
    .replace(SUBSCRIPT, (found) => `_{${spelled(SUBSCRIPTS, found)}}`)
    .replace(FRACTION, (found) => {
      const [above, below] = (FRACTIONS[found] as string).split('/');
      return `\\frac{${above}}{${below}}`;
    })
    .replace(SIGN, (found) => SIGNS[found] as string)
    .normalize('NFKC')
    .replace(SIGN, (found) => SIGNS[found] as string);
  return unwrapped(latex)
    .replace(
      /\\(?:m?left|m?right|bigl|bigr|Bigl|Bigr|big|Big|bigg|Bigg|displaystyle|limits|textstyle)(?![A-Za-z])\.?/g,
      ' ',
    )
    .replace(BRACKETS, (found) => OTHER_BRACKETS[found] as string)
    .replace(/\\[lr]?vert(?=[a-z\d])/g, '|')
    .replace(/\{([^{}]{1,60})\\choose(?![a-z])([^{}]{1,60})\}/g, '\\binom{$1}{$2}')
    .replace(/(?<=\d)\s?\{\s?,\s?\}\s?(?=\d{3})/g, '{,}')
    .replace(/\\(q?quad)(?=[a-z])/g, ' ')
    .replace(/(?<=[\d)}])\s{0,3}(or|and)\s{0,3}(?=[A-Z(\d\\-])/g, ' \\text{$1} ')
    .replace(/\\[dtc]frac(?![A-Za-z])/g, '\\frac')
    .replace(/\\dbinom(?![A-Za-z])/g, '\\binom')
    .replace(/\\(?:boxed|fbox)\s{0,3}(?=\{)/g, '')
    .replace(/[$]/g, ' ')
    .trim();
}
