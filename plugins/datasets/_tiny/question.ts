import type { Random } from '../../../core/index.js';

/** A question with its computed answer. */
export interface TinyQuestion {
  readonly text: string;
  readonly answer: string;
  /** The template that made it: `<family>-<number>`. */
  readonly template: string;
  /** The kind of task, shared by the templates that word it differently. */
  readonly family: string;
  readonly values: Facts['values'];
}

/** The facts of one question: values for the `{…}` placeholders of a template, and the answer. */
export interface Facts {
  readonly values: Readonly<Record<string, string | number>>;
  readonly answer: string;
}

/** One kind of task: how often it occurs, its wordings, and how its facts are drawn. */
export interface Family {
  readonly name: string;
  readonly weight: number;
  readonly templates: readonly string[];
  readonly draw: (random: Random) => Facts;
}

/** Fills the `{…}` placeholders of a template. */
const fill = (template: string, values: Readonly<Record<string, string | number>>): string =>
  template.replace(/\{(\w+)\}/g, (_whole, name: string) => String(values[name]));

/** Draws a question: family by weight, then a wording, then the facts. */
export function drawQuestion(families: readonly Family[], random: Random): TinyQuestion {
  let remaining = random.float() * families.reduce((sum, { weight }) => sum + weight, 0);
  const family =
    families.find(({ weight }) => (remaining -= weight) < 0) ?? (families.at(-1) as Family);
  const number = random.int(0, family.templates.length - 1);
  const { values, answer } = family.draw(random);
  return {
    text: fill(family.templates[number] as string, values),
    answer,
    template: `${family.name}-${number + 1}`,
    family: family.name,
    values,
  };
}

/** The question in the other wordings of its family. */
export function otherWordings(
  families: readonly Family[],
  { text, family, values }: TinyQuestion,
): readonly string[] {
  const { templates = [] } = families.find(({ name }) => name === family) ?? {};
  return [...new Set(templates.map((template) => fill(template, values)))].filter(
    (other) => other !== text,
  );
}
