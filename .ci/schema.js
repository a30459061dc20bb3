/** Writes docs/schema.json from storage/results/schema.ts: npm run schema. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { jsonSchema } from '../dist/storage/results/schema.js';

writeFileSync(
  fileURLToPath(new URL('../docs/schema.json', import.meta.url)),
  `${JSON.stringify(jsonSchema(), null, 2)}\n`,
);
