/** The record of a server that the harness has started, so that another call can stop it. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pid } from 'node:process';
import { z, type Workspace } from '../../../core/index.js';

const Mark = z.object({ pid: z.int().positive(), start: z.string() });

const ServerRecord = z.object({
  schema: z.literal(1),
  model: z.string(),
  url: z.string(),
  command: z.string(),
  log: z.string(),
  started: z.string(),
  /** Whether it ends with the call that has started it. */
  tethered: z.boolean(),
  /** The supervisor process of the server. */
  keeper: Mark,
  /** Id of the process group: that of its first process, the server. */
  group: z.int().positive(),
  /** The server and every process of its group. */
  members: z.array(Mark),
});

/** A server that was started. */
export type ServerRecord = z.output<typeof ServerRecord>;

/** Folder of the records. */
const getRecordFolder = ({ results }: Workspace): string => join(results, 'servers');

/** Path of the record of a model's server. */
export const getRecordFile = (workspace: Workspace, port: number): string =>
  join(getRecordFolder(workspace), `${workspace.model}-${port}.json`);

/** Writes the complete file or nothing. */
export async function writeRecord(file: string, record: ServerRecord): Promise<void> {
  const temporary = `${file}.${pid}.tmp`;
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(temporary, `${JSON.stringify(record, null, 2)}\n`);
  await rename(temporary, file);
}

/** The record in a file; null if it is missing or unreadable. */
export async function readRecord(file: string): Promise<ServerRecord | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return ServerRecord.parse(JSON.parse(text));
  } catch {
    // not ours, or of another version: processes that cannot be proved to be ours are not touched
    return null;
  }
}

/** Every record of a model, including servers that were removed from the config. */
export async function listRecords(
  workspace: Workspace,
): Promise<readonly { readonly file: string; readonly record: ServerRecord }[]> {
  const names = (await readdir(getRecordFolder(workspace)).catch(() => []))
    .filter((name) => name.startsWith(`${workspace.model}-`) && /-\d+\.json$/.test(name))
    .sort();
  const found = await Promise.all(
    names.map(async (name) => ({
      file: join(getRecordFolder(workspace), name),
      record: await readRecord(join(getRecordFolder(workspace), name)),
    })),
  );
  return found.flatMap(({ file, record }) =>
    record?.model === workspace.model ? [{ file, record }] : [],
  );
}

/** Removes a record. */
export async function dropRecord(file: string): Promise<void> {
  await rm(file, { force: true });
}
