/** Looks at everything a run needs, without running. */
import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { resolve } from 'node:path';
import { checkOptions, instantiate } from '../../container.js';
import { engineReport } from '../../engine.js';
import { HarnessErrors, messageOf } from '../../errors.js';
import { nodeVersion } from '../../provenance.js';
import { openProject, type Project } from '../../project.js';
import type { ExitCode, GlobalOptions, Io } from '../io.js';

interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly detail: string;
}

const MARK = { ok: '✔', warn: '!', fail: '✖' } as const;
const LOW_DISK = 2 * 2 ** 30;

const attempt = async (what: string, work: () => Promise<string>): Promise<Finding> => {
  try {
    return { what, state: 'ok', detail: await work() };
  } catch (error) {
    return { what, state: 'fail', detail: error instanceof HarnessErrors ? error.errors.map(messageOf).join(' · ') : messageOf(error) };
  }
};

const nodeFinding = (): Finding => {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  const enough = major > 20 || (major === 20 && minor >= 19);
  return { what: 'Node.js', state: enough ? 'ok' : 'fail', detail: `${nodeVersion}${enough ? '' : ': 20.19 or newer is needed'}` };
};

async function engineFindings(): Promise<readonly Finding[]> {
  const states = await engineReport();
  return states.map(({ name, problem }) => ({
    what: `TensorFlow.js ${name}`,
    state: problem === null ? 'ok' : 'warn',
    detail: problem === null ? 'in use' : `not loaded (${problem})`,
  }));
}

async function projectFindings(project: Project): Promise<readonly Finding[]> {
  const { config, registry, tools, folder } = project;
  const models = await Promise.all(
    Object.entries(config.models).map(([name, entry]) =>
      attempt(`model ${name}`, async () => {
        const found = registry.find('model', entry.use);
        const model = instantiate(found, checkOptions(found, entry.options), tools);
        try {
          const card = await model.card();
          return `${entry.use}, ${card.name}, can ${card.can.join(', ')}`;
        } finally {
          await model.close?.();
        }
      }),
    ),
  );
  const results = resolve(folder, config.results);
  const writable = await attempt('results folder', async () => {
    await mkdir(results, { recursive: true });
    await access(results, constants.W_OK);
    return results;
  });
  if (writable.state === 'fail') return [...models, writable];
  const { bavail, bsize } = await statfs(results);
  const free = bavail * bsize;
  return [...models, writable, { what: 'free disk', state: free < LOW_DISK ? 'warn' : 'ok', detail: `${(free / 2 ** 30).toFixed(1)} GiB` }];
}

/** Prints what was found; a failure means that a run cannot work. */
export async function doctorCommand(options: GlobalOptions, io: Io): Promise<ExitCode> {
  const findings: Finding[] = [nodeFinding()];
  findings.push(
    await attempt('ONNX Runtime', async () => {
      const { listSupportedBackends } = await import('onnxruntime-node');
      return listSupportedBackends()
        .map(({ name, bundled }) => `${name}${bundled ? '' : ' (not bundled)'}`)
        .join(', ');
    }),
    ...(await engineFindings()),
  );
  let project: Project | undefined;
  findings.push(
    await attempt('config', async () => {
      project = await openProject({ cwd: io.cwd, configFile: options.config, env: io.env });
      return `${project.file}, ${project.registry.list().length} plugins`;
    }),
  );
  if (project !== undefined) findings.push(...(await projectFindings(project)));
  if (options.json === true) io.out(`${JSON.stringify(findings, null, 2)}\n`);
  else for (const { what, state, detail } of findings) io.out(`${MARK[state]} ${what}: ${detail}\n`);
  return findings.some(({ state }) => state === 'fail') ? 2 : 0;
}
