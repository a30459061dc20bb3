import { makePlan } from '../../pipeline/plan.js';
import { openProject } from '../../pipeline/project.js';
import { mutateBytes, mutateJson } from '../mutate.js';
import { recordedConfig, writeProject } from '../recorded-project.js';
import type { FuzzTarget } from '../target.js';

export const target: FuzzTarget = {
  summary: 'config files in JSON and YAML, loaded and planned',
  open: async (folder) => {
    await writeProject(folder);
    return {
      next: (random) => {
        const config = recordedConfig();
        const bytes =
          random.float() < 0.6
            ? Buffer.from(JSON.stringify(mutateJson(config, random), null, 1))
            : mutateBytes(Buffer.from(JSON.stringify(config, null, 1)), random);
        // JSON is YAML
        const name = random.pick(['harness.config.json', 'harness.config.yaml']);
        return {
          files: { [name]: bytes },
          run: async () => {
            const project = await openProject({ cwd: folder, configFile: name, env: {} });
            const plan = await makePlan(project, {});
            for (const { model } of plan.models.values()) await model.close?.();
          },
        };
      },
    };
  },
};
