/** Rules for a router that runs in a process of its own, in any language. */
import { getHarnessErrors, HarnessError } from '../core/errors.js';
import { digest } from './detect-impurity.js';
import type { PackageSubject } from './package-subject.js';
import { buildFitData } from './synthetic.js';
import { oneClassRule } from './router-fit-rules.js';
import { confidences, toInputs } from './router-subject.js';
import type { Rule } from './rule.js';

const UNKNOWN_OPTION = 'no-such-option-of-any-plugin';
/** How long a fit may go on after `stop`: see docs/plugins/protocol.md. */
const STOP_SECONDS = 15;
/** A timer may end this much early. */
const EARLY_SECONDS = 0.1;

const words = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);

interface Property {
  readonly type?: unknown;
  readonly default?: unknown;
}

const listProperties = ({ described }: PackageSubject): readonly (readonly [string, Property])[] =>
  Object.entries((described.options?.['properties'] ?? {}) as Record<string, Property>);

/** What is wrong with how it treats options that it must refuse. */
async function checkRefused(
  subject: PackageSubject,
  name: string,
  value: unknown,
): Promise<readonly string[]> {
  const what = `the option ${name}: ${JSON.stringify(value)}`;
  try {
    await subject.open({ ...subject.given, [name]: value });
    return [`it accepts ${what}`];
  } catch (thrown) {
    const errors = getHarnessErrors(thrown);
    if (errors?.some(({ kind }) => kind === 'invalidPluginOptions') !== true)
      return [`${what} is not answered with "refused": ${words(thrown)}`];
    return words(thrown).includes(name) ? [] : [`it refuses ${what} without its name`];
  }
}

const optionRules: readonly Rule<PackageSubject>[] = [
  {
    name: 'refuses-options',
    sentence: 'refuses an unknown option and a value of the wrong type, and names the option',
    check: async (subject) => {
      const problems = [...(await checkRefused(subject, UNKNOWN_OPTION, 1))];
      for (const [name, { type }] of listProperties(subject)) {
        if (typeof type !== 'string') continue; // several types, or a choice
        problems.push(...(await checkRefused(subject, name, type === 'string' ? 7 : 'no number')));
      }
      return problems;
    },
  },
  {
    name: 'completes-options',
    sentence: 'returns the same options each time, with every default of its schema',
    check: async (subject) => {
      const { given } = subject;
      const wanted = subject.options() as Readonly<Record<string, unknown>>;
      const defaults = Object.fromEntries(
        listProperties(subject).flatMap(([name, property]) =>
          'default' in property && !(name in given) ? [[name, property.default]] : [],
        ),
      );
      const problems = Object.entries(defaults).flatMap(([name, value]) =>
        digest(wanted[name]) === digest(value)
          ? []
          : [
              `${name} is ${JSON.stringify(value)} in the schema and ${JSON.stringify(wanted[name])} when opened`,
            ],
      );
      if (digest((await subject.open(given)).options) !== digest(wanted))
        problems.push('the same options come back differently the second time');
      if (digest((await subject.open({ ...given, ...defaults })).options) !== digest(wanted))
        problems.push('options come back differently if the defaults are given');
      return problems;
    },
  },
  {
    name: 'describes-needs',
    sentence: 'needs what its description says',
    applies: ({ described: { needs }, given }) =>
      needs !== undefined && needs !== null && Object.keys(given).length === 0,
    check: ({ described, needs }) =>
      digest(described.needs) === digest(needs())
        ? []
        : ['`described` and `opened` have different needs'],
  },
];

type Header = Readonly<Record<string, unknown>>;

/** Requests that no router can answer, and what must come before them. */
function listMalformed({
  described: {
    definition: { name },
  },
  given,
  fitted,
}: PackageSubject): readonly (readonly [
  what: string,
  before: readonly Header[],
  request: Header,
])[] {
  const open = { type: 'open', router: name, options: given, seed: 1 };
  const outside = { name: 'w', shape: [4], at: 0 };
  return [
    ['a request of an unknown type', [], { type: 'no-such-request' }],
    ['a request without a type', [], {}],
    ['open with the name of no router', [], { ...open, router: 'no-such-router' }],
    ['score without texts', [open], { type: 'score', signals: [] }],
    ...(fitted
      ? ([
          ['score before restore', [open], { type: 'score', texts: ['What is it?'], signals: [] }],
          [
            'restore with a tensor outside the bytes',
            [open],
            { type: 'restore', meta: {}, tensors: [outside] },
          ],
        ] as const)
      : []),
  ];
}

/** What is wrong with the answer to a request that cannot be answered. */
async function checkMalformed(
  { start, settings }: PackageSubject,
  what: string,
  before: readonly Header[],
  request: Header,
): Promise<readonly string[]> {
  const program = start();
  const ask = async (header: Header): Promise<string> => {
    const limit = { what, seconds: settings.scoreSeconds, option: 'scoreSeconds' } as const;
    return await program.request({ header }, limit, ({ message }) => message.type);
  };
  try {
    for (const header of before) await ask(header);
    const answer = await ask(request);
    return answer === 'failed' ? [] : [`${what} is answered with "${answer}" instead of "failed"`];
  } catch (thrown) {
    // a program that ends is an error that the harness reports, too
    const ended = thrown instanceof HarnessError && thrown.kind === 'pluginExited';
    return ended ? [] : [`${what}: ${words(thrown)}`];
  } finally {
    await program.close();
  }
}

const requestRules: readonly Rule<PackageSubject>[] = [
  {
    name: 'fails-malformed-requests',
    sentence: 'answers a request that it cannot understand with an error',
    check: async (subject) => {
      const problems: string[] = [];
      for (const malformed of listMalformed(subject))
        problems.push(...(await checkMalformed(subject, ...malformed)));
      return problems;
    },
  },
  {
    name: 'two-blocks',
    sentence: 'answers two requests that are sent at once in their order',
    check: async (subject) => {
      const rows = toInputs(subject.rows(12, 51));
      const halves = [rows.slice(0, 6), rows.slice(6)];
      const router = await subject.ready();
      const wanted = [];
      for (const half of halves) wanted.push(await confidences(router, half));
      const got = await Promise.all(halves.map(async (half) => await confidences(router, half)));
      return digest(got) === digest(wanted)
        ? []
        : ['two blocks in flight get other confidences than one after the other'];
    },
  },
  {
    name: 'stops',
    sentence: `ends a fit within ${STOP_SECONDS} seconds when it is told to stop`,
    applies: ({ fitted }) => fitted,
    check: async (subject) => {
      const data = buildFitData(subject.rows(240, 52));
      const stop = new AbortController();
      let told = 0;
      const stopping = {
        rows: data.rows,
        async *blocks() {
          for await (const block of data.blocks()) {
            yield block;
            if (told === 0) told = performance.now();
            stop.abort(new Error('stop'));
          }
        },
      };
      await subject
        .make()
        .fit?.(stopping, data, { seed: 1, progress: () => {}, signal: stop.signal })
        .catch((error: unknown) => {
          if (error !== stop.signal.reason) throw error;
        });
      if (told === 0) return ['it fits without reading its rows'];
      const seconds = (performance.now() - told) / 1000;
      return seconds < STOP_SECONDS - EARLY_SECONDS
        ? []
        : [`it was killed ${Math.round(seconds)} s after it was told to stop`];
    },
  },
];

/** A program cannot name a code, but it can say why it fails instead of ending. */
const oneClass = oneClassRule(
  'fitted on rows of one label, says why it fails or scores finite numbers',
  (thrown) => (thrown instanceof HarnessError ? thrown.problem : null),
);

/** Rules that only a process of its own can be tested for. */
export const processRules: readonly Rule<PackageSubject>[] = [
  ...optionRules,
  ...requestRules,
  oneClass,
];
