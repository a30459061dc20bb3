/** Reads formats back, as far as to say whether they are well formed. */

/** The cells of CSV (RFC 4180), line by line. @throws where a quoted cell does not end */
export function parseCsv(text: string): readonly (readonly string[])[] {
  const lines: string[][] = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/y;
  for (let at = 0; at < text.length; at = cell.lastIndex) {
    cell.lastIndex = at;
    const match = cell.exec(text);
    if (match === null) throw new Error(`broken cell at character ${at}`);
    const [, quoted, plain = '', end] = match;
    lines.at(-1)?.push(quoted?.replace(/""/g, '"') ?? plain);
    if (end === '\n') lines.push([]);
  }
  return lines.filter((line) => line.length > 0);
}

const TEXT = /^(?:[^<&]|&(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)*$/i;
const TAG = /<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[A-Za-z_][\w.:-]*="[^"<]*")*)\s*(\/?)>/y;

/** What is wrong with XML; undefined where it is well formed. */
export function findXmlProblem(source: string): string | undefined {
  const xml = source.replace(/^<\?xml [^?]*\?>/, '').replace(/<!--[\s\S]*?-->/g, '');
  const open: string[] = [];
  let roots = 0;
  for (let at = 0; at < xml.length;) {
    const next = xml.indexOf('<', at);
    const text = xml.slice(at, next < 0 ? undefined : next);
    if (!TEXT.test(text)) return `text that is not escaped: ${text.slice(0, 40)}`;
    if (next < 0) break;
    TAG.lastIndex = next;
    const tag = TAG.exec(xml);
    if (tag === null) return `a broken tag: ${xml.slice(next, next + 40)}`;
    const [whole, closing, name = '', attributes = '', empty] = tag;
    if (!TEXT.test(attributes)) return `an attribute that is not escaped: ${attributes.trim()}`;
    if (closing === '/') {
      if (open.pop() !== name) return `</${name}> closes nothing`;
    } else {
      if (open.length === 0) roots++;
      if (empty !== '/') open.push(name);
    }
    at = next + whole.length;
  }
  if (open.length > 0) return `<${open.at(-1) ?? ''}> is not closed`;
  return roots === 1 ? undefined : `it has ${roots} root elements`;
}
