import { expect } from 'chai';
import { join } from 'node:path';
import { getRunPath, isFileName } from '../../../../storage/results/run-path.js';

const OUTSIDE = [
  ...['', '.', '..', '../x', '/etc', 'a/b', 'a\\b', '..\\x', 'C:x', 'a\0', 'a\n', '\u001b[31m'],
  'x'.repeat(256),
];

describe('a path in the folder of a run', () => {
  it('is made of names that stay in it', () => {
    expect(getRunPath('/runs/one', 'router', 'set.seed-1.rows.jsonl')).to.equal(
      join('/runs/one', 'router', 'set.seed-1.rows.jsonl'),
    );
    expect(getRunPath('/runs')).to.equal('/runs');
  });

  it('is refused for any other name, wherever it is', () => {
    for (const name of OUTSIDE) {
      expect(isFileName(name), JSON.stringify(name)).to.equal(false);
      for (const names of [[name], ['router', name], [name, 'set.json']])
        expect(() => getRunPath('/runs/one', ...names), JSON.stringify(names)).to.throw(
          /cannot be the name of a file or folder/,
        );
    }
  });
});
