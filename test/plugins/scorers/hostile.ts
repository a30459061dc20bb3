/** Answers of a megabyte and more formulas than anybody means, to be read and compared at a bounded cost. */

const MEGABYTE = 1_000_000;
const filled = (piece: string, length = MEGABYTE): string => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
const nested = (open: string, close: string): string => filled(open, MEGABYTE / 2) + filled(close, MEGABYTE / 2);
const times = (count: number, of: (i: number) => string, between = ''): string => Array.from({ length: count }, (_, i) => of(i)).join(between);

/** Pieces that break careless parsers, each repeated to a megabyte. */
const PIECES = [
  'a', ' ', '\n', '\t', '9', '1,000,', '1.', '1/', '-1', '1e9 ', '1e999999999 ', '9^', '5! ', '5% ', '\\pm ', '(', '[', '{', '{}', '"', '*', '|', '\\', '$', '$ ', '$1$,', '\\( x ', '\\[ x ',
  '\\frac{', '\\sqrt{', '\\boxed{', '\\boxed{1} and ', '\\boxed 1,', '\\left(', '\\text{a}', '\\begin{pmatrix}', '& \\\\ ', '\\{1,2\\},', 'x=1 or ',
  'the answer is ', 'the answer is A. ', 'the answer is not ', 'answer: ', 'answer would ', '#### ', 'The result equals 5. ', ' because ', 'A is correct ', 'option A ', '(A) ', 'A, B, ', 'A) B) ', 'AB', 'yes no ',
  '答案是', '故选A', 'ﷺ', 'e\u0301\u0302\u0303', '\uD800', '😀', '\u200d', '１２', '½', '²', '[[7]] ', '[[ ', 'Correct ', 'Incorrect] ',
];

/** Texts of a megabyte. */
export const HOSTILE_MEGABYTES: readonly string[] = [
  ...PIECES.map((piece) => filled(piece)),
  nested('(', ')'), nested('{', '}'), nested('\\boxed{', '}'), `$${nested('9^{', '}')}$`, `\\boxed{${filled('9')}}`, `answer${filled(' ')}x`, filled('The quick fox jumps over the dog, and 12 is A. '),
];

/** Answers that are short, and would take long to compare. */
export const HOSTILE_FORMULAS: readonly string[] = [
  '9^{9^{9^{9}}}', '10^{1000000000}', '1e999999999', '100000000!', '(170!)!', '\\binom{1000000000}{500000000}', '\\sqrt[1000000000]{2}', '(x+1)^{1000000}', '(1+\\frac{1}{3})^{100000}', 'e^{e^{e^{e^{10}}}}', '\\sin(10^{300})', '\\sinh(10^{6})', '\\cosh(10^{15})+\\tanh(10^{15})',
  '(1+i)^{1000000}', `${times(60, () => '\\sin(')}x${')'.repeat(60)}`, `${'('.repeat(300)}1${')'.repeat(300)}`, `${times(100, () => '(')}x${times(100, () => '+1)^{17}')}`, `${times(100, () => '\\frac{1}{1+')}x${'}'.repeat(100)}`,
  times(200, (i) => `(x+${i})`), times(250, (i) => `x^{${i}}`, '+'), times(100, () => '1\\pm') + '2', times(290, () => '2.5', '+'), `x${times(100, () => '<1')}`,
  `\\{${times(500, String, ',')}\\}`, `\\{${times(60, (i) => `\\sqrt{${i + 2}}`, ',')}\\}`, `\\{${times(59, (i) => `\\sin(\\cos(x+${i}))`, ',')}\\}`, times(60, () => 'x=\\sqrt{2}', ' or '), times(60, () => '(0,1)', '\\cup '),
  `\\begin{pmatrix}${times(7, () => times(7, () => '\\sqrt{2}', '&'), '\\\\')}\\end{pmatrix}`, times(20, (i) => `\\arctan(x+${i})`, '+'),
];

/** References that they are compared with. */
export const WANTED: readonly string[] = ['42', '\\sqrt{2}+1', 'x^2+1', '\\{1,2,3\\}', `\\{${times(20, (i) => `\\sqrt{${i + 2}}+x`, ',')}\\}`, '(0,1)\\cup(2,3]', '\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}', 'y=2x+1', '5\\text{ cm}', '25\\%', '\\sin(x)+\\cos(y)', 'x\\in[0,1)', '\\text{Monday}'];
