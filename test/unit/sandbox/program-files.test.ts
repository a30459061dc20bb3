import { expect } from 'chai';
import { chmod, realpath, symlink } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { env } from 'node:process';
import { planProgram } from '../../../sandbox/program-files.js';
import { inTemporaryFolder, writeFiles } from '../../support/temporary.js';

/** Runs a function in a folder with a project, a package and programs in other places. */
const inFolder = async (work: (folder: string) => Promise<void> | void): Promise<void> => {
  const path = env['PATH'];
  await inTemporaryFolder(async (made) => {
    const folder = await realpath(made);
    await writeFiles(folder, {
      'tools/bin/interpreter': '#!/bin/sh\n',
      'project/package.json': '{"files":["helper.py","model","../secret","/etc"]}',
      'project/router.py': '',
      'project/helper.py': '',
      'project/model/weights': '',
      'project/references.jsonl': '',
      'project/src/deep/main.py': '',
      'project/scripts/build': '#!/bin/sh\n',
      'project/node_modules/.bin/tool': '#!/bin/sh\n',
      'project/plugin/package.json': '{}',
      'project/plugin/venv/bin/python': '#!/bin/sh\n',
    });
    for (const file of [
      'tools/bin/interpreter',
      'project/scripts/build',
      'project/node_modules/.bin/tool',
      'project/plugin/venv/bin/python',
    ])
      await chmod(join(folder, file), 0o755);
    try {
      env['PATH'] = [
        join(folder, 'project/node_modules/.bin'),
        join(folder, 'tools/bin'),
        '.',
        path,
      ].join(delimiter);
      await work(folder);
    } finally {
      env['PATH'] = path;
    }
  });
};

const plan = (
  program: readonly string[],
  folder: string,
  project: string | null,
): readonly string[] => planProgram(program, folder, { title: 'evil', project }).visible.paths;

describe('a program in another language', () => {
  it('sees its package and where its interpreter is installed', async () => {
    await inFolder((folder) => {
      const plugin = join(folder, 'project/plugin');
      expect(new Set(plan(['interpreter', 'x.py'], plugin, join(folder, 'project')))).to.deep.equal(
        new Set([plugin, join(folder, 'tools')]),
      );
      expect(plan(['venv/bin/python'], plugin, join(folder, 'project'))).to.include.members([
        plugin,
        join(plugin, 'venv'),
      ]);
    });
  });

  it('in the package of the project sees what its command names and what npm would publish, by name', async () => {
    await inFolder((folder) => {
      const project = join(folder, 'project');
      const inProject = (paths: readonly string[]): readonly string[] =>
        paths.filter((path) => path.startsWith(folder) && !path.includes('/tools')).sort();
      const published = [join(project, 'helper.py'), join(project, 'model')];
      expect(inProject(plan(['interpreter', 'router.py'], project, project))).to.deep.equal([
        ...published,
        join(project, 'router.py'),
      ]);
      expect(inProject(plan(['interpreter', 'src/deep/main.py'], project, project))).to.deep.equal([
        ...published,
        join(project, 'src/deep'),
      ]);
      for (const args of [['.'], [''], ['..'], ['../project'], [project], ['-m', 'router']])
        expect(
          inProject(plan(['interpreter', ...args], project, project)),
          String(args),
        ).to.deep.equal(published);
      expect(
        inProject(plan(['interpreter', 'router.py'], project, join(project, 'plugin'))),
        'a package above the project is treated so too',
      ).not.to.include(project);
    });
  });

  it('is found on PATH or in its package only, so that it cannot choose what it sees', async () => {
    await inFolder(async (folder) => {
      const project = join(folder, 'project');
      const plugin = join(project, 'plugin');
      for (const program of [
        'tool',
        '../scripts/build',
        join(project, 'scripts/build'),
        './none',
        '/etc/passwd',
        '',
      ])
        expect(() => plan([program], plugin, project), program).to.throw(
          /found neither on PATH nor/,
        );
      // a link in the package shows a program and its libraries, as one in a virtual environment
      await symlink(join(folder, 'tools/bin/interpreter'), join(plugin, 'run'));
      expect(plan(['./run'], plugin, project))
        .to.include(join(folder, 'tools/bin'))
        .and.not.to.include(join(folder, 'tools'));
    });
  });

  it('does not see the home folder or the whole system with an interpreter there', async () => {
    await inFolder((folder) => {
      const home = env['HOME'];
      try {
        env['HOME'] = join(folder, 'tools');
        const seen = plan(['interpreter'], join(folder, 'project/plugin'), join(folder, 'project'));
        expect(seen).not.to.include(join(folder, 'tools'));
        expect(seen).to.include(join(folder, 'tools/bin'));
      } finally {
        env['HOME'] = home;
      }
      expect(plan(['sh'], join(folder, 'project/plugin'), null))
        .not.to.include('/usr')
        .and.not.to.include('/');
    });
  });
});
