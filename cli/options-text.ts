/** A JSON Schema of options in words: one line per option, nested ones by their path. */

interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

const LIMITS = [
  ['minimum', 'at least'],
  ['exclusiveMinimum', 'above'],
  ['maximum', 'at most'],
  ['exclusiveMaximum', 'below'],
] as const;

/** The type with its limits, such as `number above 0`. */
function typeText(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined)
    return `one of ${schema.enum.map((value) => JSON.stringify(value)).join(', ')}`;
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeText).join(' or ');
  if (schema.type === 'array')
    return `list of ${schema.items === undefined ? 'anything' : typeText(schema.items)}`;
  // the schema writer gives every integer the largest safe one as a limit, which says nothing
  const limits = LIMITS.flatMap(([key, words]) => {
    const limit = schema[key];
    return limit === undefined || Math.abs(limit) === Number.MAX_SAFE_INTEGER
      ? []
      : [`${words} ${limit}`];
  });
  return [schema.type ?? 'anything', ...(limits.length === 0 ? [] : [limits.join(' and ')])].join(
    ' ',
  );
}

function defaultText(property: Schema, required: boolean): string {
  if (property.default !== undefined) return ` (default ${JSON.stringify(property.default)})`;
  return required ? ' (required)' : '';
}

/** Lines such as `plateau.patience: integer at least 0 (default 5)`. */
export function optionLines(schema: Schema, prefix = ''): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    if (property.properties !== undefined) return optionLines(property, `${prefix}${name}.`);
    const fallback = defaultText(property, schema.required?.includes(name) === true);
    const description = property.description === undefined ? '' : ` · ${property.description}`;
    return [`${prefix}${name}: ${typeText(property)}${fallback}${description}`];
  });
}
