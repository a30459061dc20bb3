/** A project with the package installed as npm would install it, from its packed tarball. */
import { execa } from 'execa';
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Packages that plugins import through the package: links to elsewhere are not followed. */
const SEEN_BY_PLUGINS = new Set([
  'zod',
  'tsyringe',
  'tslib',
  'reflect-metadata',
  'pure-rand',
  'jiti',
]);

/** Names of the packages in a folder `node_modules`, those with a scope included. */
async function findPackages(modules: string): Promise<readonly string[]> {
  const names = (await readdir(modules)).filter((name) => !name.startsWith('.'));
  const found = names.map(async (name) =>
    name.startsWith('@')
      ? (await readdir(join(modules, name))).map((inner) => `${name}/${inner}`)
      : [name],
  );
  return (await Promise.all(found)).flat();
}

/**
 * Unpacks the tarball where npm would, links its dependencies next to it, and creates the commands
 * that npm creates. Dependencies in `without` are left out.
 */
export async function install(
  folder: string,
  { without = [] }: { readonly without?: readonly string[] } = {},
): Promise<void> {
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, '.bin'), { recursive: true });
  const { stdout } = await execa('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: resolve('.'),
  });
  await execa('tar', [
    'xzf',
    join(folder, stdout.trim().split('\n').at(-1) as string),
    '-C',
    folder,
  ]);
  await execa('mv', [join(folder, 'package'), join(modules, 'routerxbench')]);
  for (const name of await findPackages(resolve('node_modules'))) {
    if (without.includes(name)) continue;
    await mkdir(dirname(join(modules, name)), { recursive: true });
    if (SEEN_BY_PLUGINS.has(name))
      await cp(resolve('node_modules', name), join(modules, name), { recursive: true });
    else await symlink(resolve('node_modules', name), join(modules, name), 'dir');
  }
  const commands = { rxb: 'routerxbench/dist/cli/main.js', tsc: 'typescript/bin/tsc' };
  for (const [name, file] of Object.entries(commands))
    await writeFile(
      join(modules, '.bin', name),
      `#!/bin/sh\nexec '${process.execPath}' '${join(modules, file)}' "$@"\n`,
      { mode: 0o755 },
    );
}
