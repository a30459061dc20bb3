import { openProject, type Project } from '../pipeline/project.js';
import type { Io } from './io.js';

/**
 * Opens the project of a command. Processes that describe third-party packages end with the
 * command, however it ends: one that is left keeps this process from ending.
 */
export async function openCommandProject(
  io: Io,
  opening: Omit<Parameters<typeof openProject>[0], 'cwd' | 'env'>,
): Promise<Project> {
  const project = await openProject({ ...opening, cwd: io.cwd, env: io.env });
  io.atEnd(async () => await project.registry.release());
  return project;
}
