import { reporter, type Reporter, type ReportOutput } from '../../core/index.js';
import type { RunReport } from '../../analysis/index.js';
import { curvesSvg } from './_curves/svg.js';

/** One picture a test set: score against the share of queries that go to the strong model. */
@reporter({
  name: 'svg',
  summary: 'Pictures of the curves, one SVG a test set, in the folder of the run',
  reports: ['run'],
})
export class SvgReporter implements Reporter<RunReport> {
  readonly report = async (
    { run, sets, results }: RunReport,
    output: ReportOutput,
  ): Promise<void> => {
    for (const set of sets) {
      const picture = curvesSvg(
        set,
        results.filter(({ dataset }) => dataset === set),
      );
      await output.write(`runs/${run}/curves/${set}.svg`, picture);
    }
  };
}
