/** The forms in which a secret may occur in a text, longest first: as it is, in JSON, in a URL. */
export const buildSecretForms = (secrets: readonly string[]): readonly string[] =>
  [
    ...new Set(
      secrets.flatMap((value) => [
        value,
        JSON.stringify(value).slice(1, -1),
        encodeURIComponent(value),
      ]),
    ),
  ].sort((a, b) => b.length - a.length);

/**
 * Removes secrets from a text that arrives in chunks, wherever they are split. The end of a chunk
 * that may be the beginning of a secret waits for the next chunk.
 */
export class SecretFilter {
  #held = '';

  /** `forms`: every form of a secret, longest first. */
  constructor(private readonly forms: readonly string[]) {}

  pass(part: string): string {
    return this.#take(this.#held + part, false);
  }

  /** The remaining text, after the last chunk. */
  end(): string {
    return this.#take(this.#held, true);
  }

  #take(text: string, last: boolean): string {
    let [passed, rest] = ['', text];
    for (;;) {
      const open = last
        ? rest.length
        : rest.length - Math.max(0, ...this.forms.map((form) => begun(rest, form)));
      const hit = this.#first(rest);
      if (hit === undefined || hit.index >= open) {
        this.#held = rest.slice(open);
        return passed + rest.slice(0, open);
      }
      passed += `${rest.slice(0, hit.index)}[secret]`;
      rest = rest.slice(hit.index + hit.form.length);
    }
  }

  /** The first secret in a text; the longest of those that begin there. */
  #first(text: string): { readonly index: number; readonly form: string } | undefined {
    let first: { readonly index: number; readonly form: string } | undefined;
    for (const form of this.forms) {
      const index = text.indexOf(form);
      if (index >= 0 && (first === undefined || index < first.index)) first = { index, form };
    }
    return first;
  }
}

/** Number of characters at the end of a text that are the beginning of `form`. */
function begun(text: string, form: string): number {
  let length = Math.min(text.length, form.length - 1);
  while (length > 0 && !text.endsWith(form.slice(0, length))) length--;
  return length;
}

/** A complete text without secrets. */
export function withoutSecrets(forms: readonly string[], text: string): string {
  const filter = new SecretFilter(forms);
  return filter.pass(text) + filter.end();
}
