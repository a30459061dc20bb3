import { closeModels } from './open-context.js';
import { planModels } from './planning/models.js';
import type { FailedRouter } from './planning/planned.js';
import { Planning } from './planning/planning.js';
import { planRouters } from './planning/routers.js';
import type { Project } from './project.js';

/** The routers of a config that cannot be used, and why; nothing is asked or fitted. */
export async function checkRouters(project: Project): Promise<readonly FailedRouter[]> {
  const planning = new Planning(project, {});
  const opened = await planModels(planning);
  try {
    return (await planRouters(planning, opened)).refused;
  } finally {
    await closeModels(opened);
    await project.registry.release();
  }
}
