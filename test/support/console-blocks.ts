/**
 * Console blocks of Markdown: lines that begin with `$ ` are commands, other lines are expected
 * output, a last line `# exit N` is the exit code of the last command.
 */
/** A ```console block: its commands, their expected output, and the exit code of the last one. */
export interface ConsoleBlock {
  readonly line: number;
  readonly empty: boolean;
  readonly exit: number;
  readonly steps: readonly { readonly command: string; readonly output: readonly string[] }[];
}

/** The console blocks of a Markdown text. */
export function consoleBlocks(text: string): readonly ConsoleBlock[] {
  return [...text.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map((match) => {
    const lines = (match[1] ?? '').split('\n').filter((line) => line !== '');
    const steps: { command: string; output: string[] }[] = [];
    for (const line of lines) {
      if (line.startsWith('$ ')) steps.push({ command: line.slice(2), output: [] });
      else if (!line.startsWith('# ')) steps.at(-1)?.output.push(line);
    }
    const exit = /^# exit (\d+)$/.exec(lines.at(-1) ?? '');
    return {
      line: text.slice(0, match.index).split('\n').length,
      empty: lines[0] === '# in an empty folder',
      exit: Number(exit?.[1] ?? 0),
      steps,
    };
  });
}

/** A pattern for a line of expected output; `…` matches anything. */
export const outputPattern = (line: string): RegExp =>
  new RegExp(
    `^${line
      .trimEnd()
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}\\s*$`,
    'm',
  );
