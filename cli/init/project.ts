import type { Files } from './package-files.js';

/** A benchmark project on the embedded pair; `harness` is the version it depends on. */
export const projectFiles = (name: string, harness: string): Files => ({
  'package.json': `${JSON.stringify({ name, version: '0.1.0', private: true, type: 'module', scripts: { start: 'rxb run', list: 'rxb list' }, dependencies: { routerxbench: `^${harness}` } }, null, 2)}\n`,
  'harness.config.ts': `import { defineConfig } from 'routerxbench';

export default defineConfig({
  name: 'first',
  // the embedded pair; replace it with any local model in the Hugging Face layout, or a server
  models: {
    weak: { use: 'onnx', options: { folder: 'node_modules/routerxbench/models/tiny/weak' } },
    strong: { use: 'onnx', options: { folder: 'node_modules/routerxbench/models/tiny/strong' } },
  },
  datasets: { inDomain: ['tiny-arithmetic', 'tiny-choice4'], outOfDomain: ['tiny-math-hard', 'tiny-choice10'] },
  generation: { maxTokens: 32 },
  routers: ['entropy', 'prompt-length', 'probe-mean'],
  // packages from npm are found automatically; name your own folders and files here
  plugins: [],
});
`,
  '.gitignore': 'node_modules\nresults/artifacts\nresults/runs\n.env\n',
  '.npmrc': 'ignore-scripts=true\n',
});
