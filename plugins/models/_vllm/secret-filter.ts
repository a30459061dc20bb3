/** Takes secrets out of a text that comes in parts. An end of a part that may be the beginning of a secret waits for the next part. */
export class SecretFilter {
  #held = '';

  /** `forms`: every way in which a secret may be written. */
  constructor(private readonly forms: readonly string[]) {}

  pass(part: string): string {
    const text = this.#clean(this.#held + part);
    const open = Math.max(0, ...this.forms.map((form) => begun(text, form)));
    this.#held = text.slice(text.length - open);
    return text.slice(0, text.length - open);
  }

  /** What still waits, once no part comes any more. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }

  #clean(text: string): string {
    return this.forms.reduce((rest, form) => rest.replaceAll(form, '[secret]'), text);
  }
}

/** How many characters at the end of a text are the beginning of `form`. */
function begun(text: string, form: string): number {
  let length = Math.min(text.length, form.length - 1);
  while (length > 0 && !text.endsWith(form.slice(0, length))) length--;
  return length;
}
