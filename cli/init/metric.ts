import {
  className,
  contractTest,
  endings,
  packageFiles,
  type Files,
  type NewPlugin,
} from './package-files.js';

const definition = (name: string): string => `{
  name: '${name}',
  summary: 'Share of the gap that is recovered when half of the queries are escalated',
  better: 'higher',
  range: [-Infinity, Infinity],
  needs: 'confidence',
}`;

const comment = `/** How much of the gap between the models half of the calls recover. */`;

const resample = (typed: boolean): string =>
  [
    `  resample(curve${typed ? ': MetricCurve' : ''})${typed ? ': number' : ''} {`,
    '    const gap = curve.strongMean - curve.weakMean;',
    '    // NaN: there is no value',
    '    return gap > 0 ? (curve.scoreAt(curve.rows / 2) - curve.weakMean) / gap : NaN;',
    '  }',
    '',
    `  reason()${typed ? ': string' : ''} {`,
    "    return 'the strong model does not score above the weak one';",
    '  }',
  ].join('\n');

const overriding = (text: string): string =>
  text.replace('  resample(', '  override resample(').replace('  reason(', '  override reason(');

const define = ({ name, style }: NewPlugin): string => {
  const typed = style !== 'javascript';
  const body = typed ? overriding(resample(true)) : resample(false);
  return `import { defineMetric${typed ? ', type MetricCurve' : ''} } from 'routerxbench';
import { CurveMetric } from 'routerxbench/analysis';

class Value extends CurveMetric {
${body}
}

${comment}
export const ${className(name)} = defineMetric(${definition(name)}, () => new Value());
`;
};

const decorators = ({
  name,
}: NewPlugin): string => `import { metric, type MetricCurve } from 'routerxbench';
import { CurveMetric } from 'routerxbench/analysis';

${comment}
@metric(${definition(name)})
export class ${className(name)} extends CurveMetric {
${overriding(resample(true))}
}
`;

/** A package with one metric that works. */
export const metricPackage = (plugin: NewPlugin): Files => ({
  ...packageFiles('metric', plugin),
  [`src/${plugin.name}.${endings(plugin.style).code}`]: (plugin.style === 'decorators'
    ? decorators
    : define)(plugin),
  [`test/${plugin.name}.test.${endings(plugin.style).test}`]: contractTest(
    'metricContract',
    plugin.name,
    '{}',
  ),
});
