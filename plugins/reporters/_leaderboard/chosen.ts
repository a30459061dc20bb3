/** Options that were chosen on validation rows, for leaderboard.md. */
import type { Leaderboard } from '../../../analysis/index.js';
import { markdownTable } from '../_text/markdown-table.js';

const formatAuroc = (value: number | null): string => value?.toFixed(3) ?? '–';

/** The section; nothing where no options were tried. */
export function chosenMarkdown({ rows }: Leaderboard): readonly string[] {
  const lines = rows.flatMap(({ router, chosen }) => {
    if (chosen === undefined) return [];
    const options = Object.entries(chosen.options).map(
      ([name, value]) => `${name} ${JSON.stringify(value)}`,
    );
    return [
      [
        router,
        options.length === 0 ? 'those of the config' : options.join(', '),
        String(chosen.trials),
        formatAuroc(chosen.configAuroc),
        formatAuroc(chosen.auroc),
      ],
    ];
  });
  if (lines.length === 0) return [];
  return [
    '## options chosen on validation rows',
    '',
    'Each router that learns was fitted with several options; those with the best AUROC on the validation rows were taken. Test rows are not used.',
    '',
    ...markdownTable(['router', 'options', 'tried', 'AUROC, config', 'AUROC, chosen'], lines),
    '',
  ];
}
