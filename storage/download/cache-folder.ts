import { homedir } from 'node:os';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Folder of downloaded files for all projects of this user: RXB_CACHE, else the cache folder of the
 * system.
 */
export function cacheFolder(env: Environment, platform: string): string {
  const set = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const configured = set('RXB_CACHE');
  if (configured !== undefined) return configured;
  const home = set('HOME') ?? homedir();
  if (platform === 'win32')
    return join(set('LOCALAPPDATA') ?? join(home, 'AppData', 'Local'), 'routerxbench');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'routerxbench');
  return join(set('XDG_CACHE_HOME') ?? join(home, '.cache'), 'routerxbench');
}
