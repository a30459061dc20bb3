/**
 * A lint rule: what was parsed from a text, a reply or a file is checked by a schema, never declared
 * to have a type. parsed-data.d.ts makes the result of JSON.parse `unknown`, so that only an
 * assertion can hide its form.
 */
const WRAPPERS = new Set([
  'AwaitExpression',
  'ChainExpression',
  'TSAsExpression',
  'TSNonNullExpression',
  'TSSatisfiesExpression',
  'TSTypeAssertion',
]);
const ASSERTIONS = ['TSAsExpression', 'TSTypeAssertion'];
const PARSERS = new Set(['JSON', 'YAML', 'yaml']);

/** Whether an expression is Object(…), which gives its argument where that is an object. */
const isObjectCall = (node) =>
  node?.type === 'CallExpression' && node.callee.name === 'Object' && node.arguments.length === 1;

function unwrapped(node) {
  if (isObjectCall(node)) return unwrapped(node.arguments[0]);
  return WRAPPERS.has(node?.type) ? unwrapped(node.argument ?? node.expression) : node;
}

/** Whether an expression is the result of JSON.parse(…), yaml.load(…) or response.json(). */
function isParsed(expression) {
  const call = unwrapped(expression);
  if (call?.type !== 'CallExpression' || call.callee.type !== 'MemberExpression') return false;
  const { object, property } = call.callee;
  if (property.name === 'json') return call.arguments.length === 0;
  return (
    (property.name === 'parse' || property.name === 'load') &&
    object.type === 'Identifier' &&
    PARSERS.has(object.name)
  );
}

const findVariable = (scope, name) =>
  scope === null ? undefined : (scope.set.get(name) ?? findVariable(scope.upper, name));

/** Whether a variable gets the result of a parser anywhere. */
const holdsParsed = (variable) =>
  variable?.references.some(
    ({ writeExpr }) => writeExpr !== undefined && writeExpr !== null && isParsed(writeExpr),
  ) ?? false;

const isUnknown = (type) =>
  type.type === 'TSUnknownKeyword' ||
  (type.type === 'TSTypeReference' && type.typeName.name === 'const');

export const noAssertedData = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      asserted:
        'Check parsed data with a schema; an assertion says what it should be, not what it is.',
    },
  },
  create: (context) => ({
    [ASSERTIONS.join(', ')](node) {
      if (isUnknown(node.typeAnnotation)) return;
      const value = unwrapped(node.expression);
      const parsed =
        value.type === 'Identifier'
          ? holdsParsed(findVariable(context.sourceCode.getScope(node), value.name))
          : isParsed(value);
      if (parsed) context.report({ node, messageId: 'asserted' });
    },
    VariableDeclarator({ id, init }) {
      const type = id.typeAnnotation?.typeAnnotation;
      if (init !== null && type !== undefined && !isUnknown(type) && isParsed(init))
        context.report({ node: id, messageId: 'asserted' });
    },
  }),
};
