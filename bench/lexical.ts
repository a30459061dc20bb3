/**
 * Lexical similarity of answers of 900 characters beside Python's difflib, in turns and in one
 * call: npm run bench -- lexical. Goal: 10 times as fast. Times are of the processor.
 */
import { execa } from 'execa';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../core/index.js';
import { buildMatcher } from '../plugins/routers/_text/matching-ratio.js';

const PAIRS = 2000;
const LENGTH = 900;
const ROUNDS = 5;
const GOAL = 10;

// The reference: the same pairs, each ratio from two strings, as upstream compares a sample with
// the first of a cluster.
const REFERENCE = `
import json, sys, time
from difflib import SequenceMatcher
with open(sys.argv[1]) as file:
    pairs = json.load(file)
start = time.process_time()
ratios = [SequenceMatcher(None, a, b).ratio() for a, b in pairs]
print(json.dumps({"seconds": time.process_time() - start, "ratios": ratios, "python": sys.version.split()[0]}))
`;

const WORDS =
  'the of and to in is that it was for on are with as his they at be this have from or one had by word but not what all were we when your can said there use an each which she do how their if will up other about out many then them these so some her would make like him into time has look two more write go see number no way could people first water been call who oil its now find long down day did get come made may part over new sound take only little work know place year live me back give most very after thing our just name good sentence man think say great where help through much before line right too mean old any same tell boy follow came want show also around form three small set put end does another well large must big even such because turn here why ask went men read need land different home us move try kind hand picture again change off play spell air away animal house point page letter mother answer found study still learn should world'.split(
    ' ',
  );

/**
 * Half of the pairs are two answers of their own, the others one answer with some of its words
 * changed.
 */
function answers(): readonly (readonly [string, string])[] {
  const random = seededRandom('bench/lexical');
  const draw = (): string[] => Array.from({ length: 250 }, () => random.pick(WORDS));
  return Array.from({ length: PAIRS }, (_, i) => {
    const first = draw();
    const second =
      i % 2 === 0
        ? draw()
        : first.map((word) => (random.float() < 0.25 ? random.pick(WORDS) : word));
    return [first.join(' ').slice(0, LENGTH), second.join(' ').slice(0, LENGTH)] as const;
  });
}

const middle = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] as number;
const shown = (times: readonly number[]): string => {
  const each = times.map((seconds) => (seconds / PAIRS) * 1e3);
  return `median ${middle(each).toFixed(3)} ms a pair (${Math.min(...each).toFixed(3)} to ${Math.max(...each).toFixed(3)})`;
};

const pairs = answers();
const measured = (): { readonly seconds: number; readonly ratios: readonly number[] } => {
  const started = process.cpuUsage();
  const ratios = pairs.map(([a, b]) => buildMatcher(b)(a));
  const { user, system } = process.cpuUsage(started);
  return { seconds: (user + system) / 1e6, ratios };
};

const folder = await mkdtemp(join(tmpdir(), 'rxb-bench-'));
try {
  const file = join(folder, 'pairs.json');
  await writeFile(file, JSON.stringify(pairs));
  const ours: number[] = [];
  const theirs: number[] = [];
  let python: string | undefined;
  let differing = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const own = measured();
    ours.push(own.seconds);
    const ran = await execa('/usr/bin/python3', ['-c', REFERENCE, file], { reject: false });
    if (ran.failed) continue;
    const reference = JSON.parse(ran.stdout) as {
      readonly seconds: number;
      readonly ratios: readonly number[];
      readonly python: string;
    };
    theirs.push(reference.seconds);
    python = reference.python;
    differing = own.ratios.filter((ratio, i) => ratio !== reference.ratios[i]).length;
  }
  console.log(
    `${PAIRS} pairs of ${LENGTH} characters, ${ROUNDS} rounds; load ${loadavg()
      .map((value) => value.toFixed(1))
      .join(' ')}`,
  );
  console.log(`routerxbench: ${shown(ours)}`);
  if (python === undefined) console.log('difflib: /usr/bin/python3 is not installed, skipped');
  else {
    console.log(`difflib of Python ${python}: ${shown(theirs)}`);
    console.log(
      `ratio ${(middle(theirs) / middle(ours)).toFixed(1)} (their median over ours, goal ${GOAL}); ${differing} of ${PAIRS} ratios differ`,
    );
  }
} finally {
  await rm(folder, { recursive: true });
}
