/** A text as one word of a POSIX shell. */
export const quoteForShell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Limits that a shell sets for what it starts: no memory dumps, and few open files. */
export const LIMITS = 'ulimit -c 0; ulimit -n 1024 2> /dev/null || :';
