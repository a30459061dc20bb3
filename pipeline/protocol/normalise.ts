/**
 * A text as it is compared with others: lower case, accents and punctuation gone, blanks single.
 * Letters, digits and signs of every
 * script stay, and with them what makes another sum: signs of arithmetic, points and commas inside
 * numbers.
 */
export const normalised = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/(?<!\p{N})[.,]|[.,](?!\p{N})|(?![-*/%.,])\p{P}/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
