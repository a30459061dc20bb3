import { expect } from 'chai';
import { SandboxError } from '../../../sandbox/errors.js';
import {
  asPluginError,
  describeCrash,
  describeThrown,
  findRefusal,
  getResource,
} from '../../../sandbox/thrown.js';

const withStack = (error: Error, stack: string): Error => Object.assign(error, { stack });
const coded = (code: string, more: object = {}): Error =>
  Object.assign(new Error('no'), { code, ...more });

describe('what a plugin threw, in words', () => {
  const inner = withStack(new RangeError('inner'), 'RangeError: inner\n    at f (/p/lib.js:3:4)');
  const outer = withStack(
    new Error('outer', { cause: inner }),
    'Error: outer\n    at score (file:///p/mine.js:1:2)\n    at async next (node:internal/x:1:1)',
  );

  it('is the chain of causes with the lines of its own code', () => {
    const text =
      'Error: outer\n    at score (/p/mine.js:1:2)\ncaused by RangeError: inner\n    at f (/p/lib.js:3:4)';
    expect(describeThrown(outer)).to.equal(text);
    const wrapped = new SandboxError(
      'pluginNotStarted',
      { title: 't', problem: 'p' },
      { cause: outer },
    );
    expect(describeThrown(wrapped)).to.equal(text);
    expect(describeThrown(asPluginError(text, 'outer'))).to.equal(text);
  });

  it('is empty where it says nothing new', () => {
    expect(describeThrown(withStack(new Error('x'), 'Error: x\n    at node:fs:1:1'))).to.equal('');
    expect(describeThrown(undefined)).to.equal('');
    expect(describeThrown('text')).to.equal('');
    expect(describeThrown(asPluginError(''))).to.equal('');
  });

  it('ends where causes go in a circle', () => {
    const first = new Error('a');
    first.cause = new Error('b', { cause: first });
    expect(describeThrown(first).match(/caused by/g)).to.have.lengthOf(1);
  });

  it('is the last error that a process printed before it crashed', () => {
    const printed =
      'hello\nError: old\n/p/mine.js:3\n  throw x\n  ^\n\nTypeError: stray\n    at f (file:///p/mine.js:3:5)\n    at node:internal/timers:1:1\n\nNode.js v20';
    expect(describeCrash(printed)).to.equal('TypeError: stray\n    at f (/p/mine.js:3:5)');
    expect(describeCrash('bye')).to.equal('');
  });
});

describe('what the sandbox refused', () => {
  it('is found in an error or its causes', () => {
    const denied = { permission: 'FileSystemRead', resource: '/etc/hostname' };
    expect(findRefusal(coded('ERR_ACCESS_DENIED', denied))).to.equal('file');
    expect(getResource(coded('ERR_ACCESS_DENIED', denied))).to.equal(' (/etc/hostname)');
    expect(findRefusal(coded('ERR_ACCESS_DENIED', { permission: 'ChildProcess' }))).to.equal(
      'program',
    );
    expect(findRefusal(new Error('fetch failed', { cause: coded('EAI_AGAIN') }))).to.equal(
      'network',
    );
    expect(findRefusal(coded('ERR_DLOPEN_DISABLED'))).to.equal('native');
  });

  it('is nothing where the plugin itself is wrong', () => {
    for (const thrown of [new TypeError('x'), coded('ENOENT'), undefined, null, 'text'])
      expect(findRefusal(thrown)).to.equal(undefined);
  });
});
