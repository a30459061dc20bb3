/** Writes docs/schema.json from core/results/schema.ts: npm run schema. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { jsonSchema } from '../dist/core/results/schema.js';

writeFileSync(
  fileURLToPath(new URL('../docs/schema.json', import.meta.url)),
  `${JSON.stringify(jsonSchema(), null, 2)}\n`,
);
