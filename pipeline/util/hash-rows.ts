/**
 * Hashes of long lists: equal to `jsonHash` of the list, of which only a part is text at any time.
 */
import { createHash } from 'node:crypto';

/** Items whose text is made at once. */
const BLOCK = 4096;

/** A number, a text, null, or a list of these: its JSON needs no order of keys. */
type Item = number | string | null | readonly Item[];

/** The JSON text of one list of all items of the lists. */
function* listText(lists: readonly Iterable<Item>[]): Generator<string> {
  let block: Item[] = [];
  let before = '[';
  for (const list of lists)
    for (const item of list) {
      if (block.push(item) < BLOCK) continue;
      yield before + JSON.stringify(block).slice(1, -1);
      before = ',';
      block = [];
    }
  if (block.length > 0 || before === '[') yield before + JSON.stringify(block).slice(1, -1);
  yield ']';
}

function hashTexts(parts: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 24);
}

/** The hash of the items of the lists, as `jsonHash` has it of one list of all of them. */
export const hashItems = (...lists: readonly Iterable<Item>[]): string =>
  hashTexts(listText(lists));

function* listsText(lists: readonly Iterable<Item>[]): Generator<string> {
  let before = '[';
  for (const list of lists) {
    yield before;
    yield* listText([list]);
    before = ',';
  }
  yield lists.length === 0 ? '[]' : ']';
}

/** The hash of the lists, as `jsonHash` has it of a list of lists. */
export const hashLists = (lists: readonly Iterable<Item>[]): string => hashTexts(listsText(lists));
