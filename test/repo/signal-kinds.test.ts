/** A kind of signal is one file and one row of a table: no other code of the harness names it. */
import { expect } from 'chai';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { SIGNALS } from '../../core/signals/table.js';
import { seededRandom } from '../../core/util/random.js';
import { syntheticSignal } from '../../testing/synthetic.js';

const FOLDERS = ['core', 'pipeline', 'sandbox', 'cli', 'testing'];
const KINDS: ReadonlySet<string> = new Set(SIGNALS.map(({ kind }) => kind));
const ABILITIES: ReadonlySet<string> = new Set(SIGNALS.map(({ ability }) => ability));

/** Names that mean nothing but a kind of signal: others are also words or abilities of models. */
const isUnmistakable = (text: string): boolean => text.includes('-') && !ABILITIES.has(text);

/** Whether a string with the name of a kind stands where a kind is meant. */
function namesKind(literal: ts.StringLiteralLike): boolean {
  const { parent } = literal;
  if (isUnmistakable(literal.text)) return true;
  if (ts.isBinaryExpression(parent)) {
    const other = parent.left === literal ? parent.right : parent.left;
    return /\bkind\b/.test(other.getText());
  }
  if (ts.isCaseClause(parent)) return /\bkind\b/.test(parent.parent.parent.expression.getText());
  return ts.isPropertyAssignment(parent) && parent.name.getText() === 'kind';
}

/** The places in a source text that name a kind of signal. */
function findKinds(file: string, text: string): readonly string[] {
  const found: string[] = [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) && KINDS.has(node.text) && namesKind(node)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${file}:${line + 1} ${node.getText()}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe('kinds of signal', () => {
  it('are named by no code outside core/signals', async () => {
    const found: string[] = [];
    for (const folder of FOLDERS) {
      for (const name of await readdir(folder, { recursive: true })) {
        const file = join(folder, name);
        if (!file.endsWith('.ts') || file.startsWith(join('core', 'signals'))) continue;
        found.push(...findKinds(file, await readFile(file, 'utf8')));
      }
    }
    expect(found).to.deep.equal([]);
  });

  it('would be found in a comparison, a switch, a request and a table', () => {
    const text = `
      if (request.kind === 'logits') read();
      switch (kind) { case 'samples': break; }
      const request = { kind: 'answer', key: 'answer' };
      const table = { 'class-logits': 1 };
      const can = ['logits'];
    `;
    expect(findKinds('x.ts', text)).to.deep.equal([
      "x.ts:2 'logits'",
      "x.ts:3 'samples'",
      "x.ts:4 'answer'",
      "x.ts:5 'class-logits'",
    ]);
  });

  it('have names of their own, a stored form, and made-up values for the contract suites', () => {
    expect(KINDS.size).to.equal(SIGNALS.length);
    for (const definition of SIGNALS) {
      const { kind } = definition;
      expect('shape' in definition !== 'readRow' in definition, kind).to.equal(true);
      const params = { n: 3, choices: ['a', 'b'], of: { n: 3 } };
      const made = syntheticSignal({ kind, key: 'x', params }, seededRandom(1), 1);
      expect(made, kind).to.be.an.instanceOf(Object);
    }
  });
});
