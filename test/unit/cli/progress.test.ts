import { expect } from 'chai';
import type { Io } from '../../../cli/io.js';
import { progress, taskLine } from '../../../cli/progress.js';

/** What is written to stderr under a clock that the test moves. */
function watched(
  columns: number | null,
  quiet = false,
): {
  readonly text: () => string;
  readonly at: (ms: number) => void;
  readonly observer: ReturnType<typeof progress>;
} {
  let written = '';
  let clock = 0;
  const io: Io = {
    cwd: '/',
    env: {},
    out: () => {},
    err: (text) => (written += text),
    columns: () => columns,
    width: undefined,
    colour: false,
    signal: new AbortController().signal,
    atEnd: () => {},
    process: { watch: () => () => {} },
  };
  return {
    text: () => written,
    at: (ms) => (clock = ms),
    observer: progress(io, quiet, () => clock),
  };
}

describe('progress', () => {
  it('says how far, how fast and how long still, of the work of this call alone', () => {
    const line = taskLine(
      { label: 'weak answers', total: 100, reused: 40, started: 0, done: 20, note: 'loss 0.5' },
      10_000,
      'line',
    );
    expect(line).to.equal('weak answers  60/100 (40 reused)  2.0/s  20 s left  loss 0.5');
  });

  it('draws a bar for every task at work, and clears as many lines as it drew', () => {
    const { observer, text, at } = watched(80);
    const weak = observer.task('weak', 10, 0);
    const strong = observer.task('strong', 10, 0);
    at(200);
    weak.advance(5);
    const [, last = ''] = text().split(/.*\u001b\[2A\u001b\[0J/s);
    expect(last.split('\n')).to.deep.equal([
      `weak  ${'█'.repeat(12)}${'░'.repeat(12)} 5/10  25/s  1 s left`,
      `strong  ${'░'.repeat(24)} 0/10`,
      '',
    ]);
    weak.end();
    strong.end();
    observer.end();
    expect(text().endsWith('\u001b[0J')).to.equal(true);
  });

  it('never draws a line wider than the terminal', () => {
    const { observer, text } = watched(30);
    observer.task('a label that is longer than the terminal is wide', 10, 0);
    expect(
      Math.max(
        ...text()
          .split('\n')
          .map((line) => line.length),
      ),
    ).to.be.below(30);
  });

  it('writes a plain line every five seconds where there is no terminal', () => {
    const { observer, text, at } = watched(null);
    const task = observer.task('weak', 100, 0);
    for (let second = 1; second <= 12; second++) {
      at(second * 1000);
      task.advance(1);
    }
    expect(text()).to.equal(
      'weak  5/100  1.0/s  95 s left\n'.replace('95 s', '1 min 35 s') +
        'weak  10/100  1.0/s  1 min 30 s left\n',
    );
    task.end();
    expect(text().split('\n').at(-2)).to.equal('weak  12/100  1.0/s  stopped after 12 s');
    const whole = observer.task('strong', 100, 98);
    at(14_000);
    whole.advance(2);
    whole.end();
    expect(text().split('\n').at(-2)).to.equal('strong  100/100 (98 reused)  1.0/s  done in 2 s');
  });

  it('leaves out everything but warnings when quiet', () => {
    const { observer, text } = watched(80, true);
    const task = observer.task('weak', 10, 0);
    task.advance(3);
    task.end();
    observer.info('a note');
    observer.warn('a warning');
    expect(text()).to.equal('warning: a warning\n');
  });
});
