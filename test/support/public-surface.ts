/**
 * The exports of the package, read from the compiled declarations: names, kinds, types and doc
 * comments.
 */
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Import specifiers of package.json's `exports` with code for plugin authors, and their
 * declarations.
 */
export const ENTRIES = {
  routerxbench: 'dist/core/index.d.ts',
  'routerxbench/testing': 'dist/testing/index.d.ts',
  'routerxbench/analysis': 'dist/analysis/index.d.ts',
  'routerxbench/redact': 'dist/storage/secrets/redact.d.ts',
  'routerxbench/retry-after': 'dist/storage/download/retry-after.d.ts',
  'routerxbench/regular-file': 'dist/storage/regular-file.d.ts',
  'routerxbench/watched-thread': 'dist/storage/watched-thread.d.ts',
  'routerxbench/safetensors': 'dist/storage/safetensors.d.ts',
} as const;

/** An exported name. */
interface Exported {
  readonly name: string;
  readonly kind: 'function' | 'class' | 'interface' | 'type' | 'constant';
  /** Its doc comment, as plain text. */
  readonly doc: string;
  /** Its declaration without comments: any change of a type changes this text. */
  readonly declaration: string;
  /** The same with the comments of its members. */
  readonly commented: string;
}

/** An import specifier and its exports. */
export interface Entry {
  readonly specifier: string;
  readonly exported: readonly Exported[];
}

const bare = ts.createPrinter({ removeComments: true });
const full = ts.createPrinter();

function getKind(node: ts.Declaration): Exported['kind'] {
  if (ts.isFunctionDeclaration(node)) return 'function';
  if (ts.isClassDeclaration(node)) return 'class';
  if (ts.isInterfaceDeclaration(node)) return 'interface';
  return ts.isTypeAliasDeclaration(node) ? 'type' : 'constant';
}

/** A statement as it reads in code: without the modifiers that every declaration file contains. */
const tidy = (text: string): string =>
  text
    .replace(/^\s*\/\*\*[\s\S]*?\*\/\n/, '')
    .replace(/^export (declare )?/, '')
    .replace(/^declare /, '');

function describeExport(checker: ts.TypeChecker, symbol: ts.Symbol): Exported {
  const target =
    (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
  const nodes = target.declarations ?? [];
  const [first] = nodes;
  if (first === undefined) throw new Error(`${symbol.name} is exported, but nothing declares it`);
  const file = first.getSourceFile();
  const from = relative(join(ROOT, 'node_modules'), file.fileName);
  const tags = target
    .getJsDocTags(checker)
    .map(({ name, text }) => `@${name} ${ts.displayPartsToString(text)}`);
  const doc = [ts.displayPartsToString(target.getDocumentationComment(checker)), ...tags]
    .join('\n')
    .trim();
  if (!from.startsWith('..')) {
    const [name = ''] = /^(@[^/]+\/)?[^/]+/.exec(from) ?? [];
    const text = `const ${symbol.name}: typeof import('${name}').${target.name === symbol.name || target.name.startsWith('"') ? symbol.name : target.name};`;
    return { name: symbol.name, kind: 'constant', doc: '', declaration: text, commented: text };
  }
  const printed = (printer: ts.Printer): string =>
    nodes
      .map((node) =>
        tidy(
          printer.printNode(
            ts.EmitHint.Unspecified,
            ts.isVariableDeclaration(node) ? node.parent.parent : node,
            node.getSourceFile(),
          ),
        ),
      )
      .join('\n');
  return {
    name: symbol.name,
    kind: getKind(first),
    doc,
    declaration: printed(bare),
    commented: printed(full),
  };
}

/** Reads both entries, names in order. */
export function publicSurface(): readonly Entry[] {
  const files = Object.values(ENTRIES).map((file) => join(ROOT, file));
  const program = ts.createProgram(files, {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts'],
    skipLibCheck: true,
    noEmit: true,
    types: ['node'],
  });
  const checker = program.getTypeChecker();
  return Object.entries(ENTRIES).map(([specifier, file]) => {
    const source = program.getSourceFile(join(ROOT, file));
    const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${file} is no module: npm run build first`);
    const exported = checker
      .getExportsOfModule(module)
      .map((symbol) => describeExport(checker, symbol));
    return { specifier, exported: exported.sort((a, b) => (a.name < b.name ? -1 : 1)) };
  });
}

/** The snapshot: every exported name with its kind and its types. */
export const surfaceText = (entries: readonly Entry[]): string =>
  entries
    .map(
      ({ specifier, exported }) =>
        `# ${specifier}\n\n${exported.map(({ name, kind, declaration }) => `## ${kind} ${name}\n${declaration}\n`).join('\n')}`,
    )
    .join('\n');

const HEADINGS = {
  function: 'Functions',
  class: 'Classes',
  interface: 'Interfaces',
  type: 'Types',
  constant: 'Constants',
} as const;

/** The API reference of an entry point, as Markdown. */
function apiMarkdown({ specifier, exported }: Entry): string {
  const parts = (Object.keys(HEADINGS) as readonly Exported['kind'][]).flatMap((kind) => {
    const own = exported.filter((one) => one.kind === kind);
    if (own.length === 0) return [];
    return [
      `## ${HEADINGS[kind]}\n`,
      ...own.map(
        ({ name, doc, commented }) =>
          `### ${name}\n\n${doc === '' ? '' : `${doc}\n\n`}\`\`\`ts\n${commented}\n\`\`\`\n`,
      ),
    ];
  });
  return [
    `# ${specifier}\n`,
    `Made from the types by \`npm run docs:api\`: what \`import … from '${specifier}'\` gives.\n`,
    ...parts,
  ].join('\n');
}

/** Files of the reference, by path from the root. */
export const apiFiles = (entries: readonly Entry[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    entries.map((entry) => [
      `docs/api/${entry.specifier.replace('/', '-')}.md`,
      apiMarkdown(entry),
    ]),
  );

/** Path of the snapshot, from the root. */
export const SURFACE_FILE = 'test/repo/public-surface.txt';
