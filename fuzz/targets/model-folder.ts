import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Random } from '../../core/index.js';
import { OnnxOptions } from '../../plugins/models/_onnx/options.js';
import { TextCoder } from '../../plugins/models/_onnx/text-coder.js';
import { mutateBytes, mutateDocument } from '../mutate.js';
import { WrongValue, type FuzzTarget } from '../target.js';

const NAMES = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'onnx/model.onnx',
];
const SOURCE = fileURLToPath(new URL('../../../models/tiny/weak/', import.meta.url));
const TEMPLATES = [
  '{{ messages[99].content }}',
  '{% for m in messages %}{{ m.content }}',
  '{{ raise_exception("no") }}',
  '{{ 1/0 }}',
  '{{ messages | length | foo }}',
  '{{ undefined_thing.x.y }}',
  '{% set x = range(3) %}{{ x }}',
  '{{ "a" * 1000 }}',
  '',
  '{{ messages.constructor.constructor("return process")() }}',
  '{{ messages.__proto__ }}',
];
const PROMPTS = [
  { form: 'raw', text: 'What is 1 + 2?' },
  { form: 'chat', messages: [{ role: 'user', content: 'What is 1 + 2?' }] },
] as const;

/** The files of the folder, one of them changed. */
function changeOne(
  files: ReadonlyMap<string, Buffer>,
  random: Random,
): Record<string, string | Uint8Array> {
  const changed: Record<string, string | Uint8Array> = Object.fromEntries(files);
  const name = random.pick([...NAMES, 'chat_template.jinja']);
  const bytes = files.get(name);
  if (bytes === undefined) changed[name] = random.pick(TEMPLATES);
  else if (name.endsWith('.json'))
    changed[name] = mutateDocument(JSON.parse(bytes.toString('utf8')), random);
  else changed[name] = mutateBytes(bytes, random);
  return changed;
}

export const target: FuzzTarget = {
  share: 0.25,
  summary: 'model folders: settings, tokenizer, chat template and graph, without computing it',
  open: async (folder) => {
    const files = new Map(NAMES.map((name) => [name, readFileSync(join(SOURCE, name))]));
    return {
      next: (random) => ({
        files: changeOne(files, random),
        run: async () => {
          const options = OnnxOptions.parse({ folder });
          const { coder } = await TextCoder.open(folder, options, options);
          try {
            for (const prompt of await coder.encodePrompts(PROMPTS)) {
              if (!prompt.ok) continue;
              if (!prompt.ids.every((id) => Number.isSafeInteger(id)))
                throw new WrongValue('a token id is no whole number');
              await coder.decode([prompt.ids]);
            }
          } finally {
            await coder.close();
          }
        },
      }),
    };
  },
};
