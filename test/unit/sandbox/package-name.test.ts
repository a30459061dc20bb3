import { expect } from 'chai';
import { isPackageName } from '../../../sandbox/package-name.js';

describe('the name of a dependency', () => {
  it('is one that npm could install, and no path', () => {
    for (const name of ['a', 'lodash.get', '@scope/a-b', '7zip', 'JSONStream', 'a_b', '~x'])
      expect(isPackageName(name), name).to.equal(true);
    for (const name of [
      ...[
        '',
        '.',
        '..',
        '../x',
        '../../..',
        '/etc',
        'a/b',
        'a/../b',
        '@a/../../b',
        '@a/..',
        '@a/b/c',
      ],
      ...['@/a', '@a/', '@../a', './a', 'a\\b', '..\\x', '_a', '.a', '@a/.b', 'node_modules'],
      ...['a b', 'a\0b', 'a\nb', 'é', 'a'.repeat(215), 'file:x', 'C:', '%2e%2e', '__proto__'],
    ])
      expect(isPackageName(name), JSON.stringify(name)).to.equal(false);
  });
});
