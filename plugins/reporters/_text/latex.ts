const SPECIAL: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '–': '--',
};

/** Text for LaTeX: signs that it would read as commands are escaped. */
export const escapeLatex = (text: string): string =>
  text.replace(/[\\&%$#_{}~^–]/g, (sign) => SPECIAL[sign] ?? `\\${sign}`);
