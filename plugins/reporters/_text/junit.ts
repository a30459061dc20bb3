import { escapeXml } from './xml.js';

/** One test case of a JUnit report. */
export interface JunitCase {
  readonly suite: string;
  readonly name: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped. */
  readonly message: string;
}

function caseXml({ suite, name, state, message }: JunitCase): string {
  const elements = {
    passed: '',
    failed: `<failure message="${escapeXml(message)}"/>`,
    skipped: `<skipped message="${escapeXml(message)}"/>`,
  };
  return `    <testcase classname="${escapeXml(suite)}" name="${escapeXml(name)}">${elements[state]}</testcase>`;
}

function counts(cases: readonly JunitCase[]): string {
  const count = (wanted: JunitCase['state']): number =>
    cases.filter(({ state }) => state === wanted).length;
  return `tests="${cases.length}" failures="${count('failed')}" errors="0" skipped="${count('skipped')}"`;
}

/** JUnit XML of test cases, grouped by suite in the order in which suites first occur. */
export function junitXml(title: string, cases: readonly JunitCase[]): string {
  const suites = [...new Set(cases.map(({ suite }) => suite))].map((suite) => {
    const members = cases.filter((testCase) => testCase.suite === suite);
    return [
      `  <testsuite name="${escapeXml(suite)}" ${counts(members)}>`,
      ...members.map(caseXml),
      '  </testsuite>',
    ].join('\n');
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escapeXml(title)}" ${counts(cases)}>`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
}
