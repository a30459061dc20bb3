/**
 * The body of a process that runs JavaScript plugins for the harness: it speaks the plugin protocol
 * on its standard streams. Its argument is JSON: { package, path, name? }; `name` may be given with
 * the file that exports it, so that nothing else is loaded.
 */
import { readSync } from 'node:fs';
import { argv, exit, stderr, stdin, stdout } from 'node:process';
import { z } from 'zod';
import { HarnessError, HarnessErrors, getErrorMessage } from '../core/errors.js';
import { loadPluginsIn, type ExportedPlugin } from '../core/plugin-files.js';
import type { RegistryEntry } from '../core/registry.js';
import { checkOptions, instantiate } from '../core/container.js';
import { getRouterShape } from './router-shape.js';
import { scoreTimed } from './score-timed.js';
import type { Router } from '../core/contracts.js';
import { secretsFrom } from '../core/secrets.js';
import { described } from './describe-plugin.js';
import { fitHere, type Host } from './plugin-process-fit.js';
import { FORWARDED_ERRORS } from './messages.js';
import { FrameReader, frameParts, type Frame } from './frames.js';
import { unpackBlock, type BlockHeader } from './signal-block.js';
import { describeThrown, findRefusal, getResource } from './thrown.js';
import { UndeclaredSignals } from './undeclared-signals.js';
import { unpackWeights, type WeightsHeader } from './tensors.js';

const { package: from, path } = z
  .object({ package: z.string(), path: z.string() })
  .parse(JSON.parse(argv[2] ?? '{}'));
const BLOCKS = 3;
const { isFinite } = Number; // before a plugin can replace it

const toHost = stdout.write.bind(stdout);
// output of plugins is for people: stdout belongs to the protocol
stdout.write = stderr.write.bind(stderr) as typeof stdout.write;
const send = (header: object, payload?: Uint8Array): void =>
  frameParts(header, payload).forEach((part) => void toHost(part));

let reusable = Buffer.allocUnsafeSlow(0);
/**
 * Memory that is reused for each block to score: a router must not keep it, and allocating is
 * expensive.
 */
const reuseBuffer = (bytes: number): Buffer => {
  if (reusable.length < bytes) reusable = Buffer.allocUnsafeSlow(bytes);
  return reusable.subarray(0, bytes);
};

/** The payload of a frame: the bytes that follow it, or those in the shared file of blocks. */
const readPayload = (
  { header, payload }: Frame,
  memory: (bytes: number) => Buffer = (bytes) => Buffer.allocUnsafeSlow(bytes),
): Uint8Array => {
  const { at, bytes } = header as { readonly at?: number; readonly bytes?: number };
  if (at === undefined || bytes === undefined) return payload;
  const buffer = memory(bytes);
  for (let done = 0; done < bytes;) {
    const read = readSync(BLOCKS, buffer, done, bytes - done, at + done);
    if (read === 0) throw new Error('the file of blocks ends early');
    done += read;
  }
  return buffer;
};

let plugins: Promise<readonly ExportedPlugin[]> | undefined;
const loaded = (): Promise<readonly ExportedPlugin[]> => (plugins ??= loadPluginsIn(path, from));

let instance: Router<object> | undefined;
const getRouter = (): Router<object> => {
  if (instance === undefined) throw new Error('no router is open');
  return instance;
};

const open = async ({
  router: name,
  options,
  seed,
}: {
  readonly router: string;
  readonly options: unknown;
  readonly seed: number;
}): Promise<void> => {
  const found = (await loaded()).find(
    ({ mark }) => mark.kind === 'router' && mark.definition.name === name,
  );
  if (found === undefined) throw new Error(`the package no longer has a router "${name}"`);
  const entry = {
    ...found,
    package: from,
    thirdParty: null,
  } as unknown as RegistryEntry<'router'>;
  const logger = {
    info: (text: string) =>
      send({ type: 'note', level: 'info', text: String(text).slice(0, 2000) }),
    warn: (text: string) =>
      send({ type: 'note', level: 'warn', text: String(text).slice(0, 2000) }),
  };
  const files = {
    resolve: refuseFileAccess,
    lines: refuseFileAccess,
    bytes: refuseFileAccess,
    size: refuseFileAccess,
    fetch: refuseFileAccess,
    huggingFaceUrl: refuseFileAccess,
  };
  let checked: unknown;
  try {
    checked = checkOptions(entry, options);
  } catch (error) {
    if (!(error instanceof HarnessErrors)) throw error;
    send({
      type: 'refused',
      mistakes: error.errors.map(({ details }) => ({
        path: String(details['path']),
        problem: String(details['problem']),
      })),
    });
    return;
  }
  const made = instantiate(entry, checked, { logger, files, secrets: secretsFrom({}), seed });
  const { needs, fitted } = getRouterShape(entry.mark.definition, checked, made);
  instance = made;
  send({
    type: 'opened',
    options: checked,
    needs: needs.map(({ kind, key, params }) => ({ kind, key, params })),
    fitted,
  });
};
const refuseFileAccess = (): never => {
  throw new Error('routers have no files');
};

/** A confidence in a form that JSON can represent; anything else is described in words. */
const encodeConfidence = (value: unknown): unknown =>
  value === null || (typeof value === 'number' && isFinite(value))
    ? value
    : { bad: String(value).slice(0, 100) };

const undeclared = new UndeclaredSignals((text) => send({ type: 'note', level: 'warn', text }));
const host: Host = {
  send,
  waiting: new Map(),
  stop: new AbortController(),
  prototype: undeclared.prototype,
};

const handleRequest = async (frame: Frame): Promise<void> => {
  const { type } = frame.header as { readonly type?: unknown };
  if (type === 'describe') send({ type: 'described', plugins: (await loaded()).map(described) });
  else if (type === 'open') await open(frame.header as never);
  else if (type === 'restore') {
    await getRouter().restore?.(
      unpackWeights(frame.header as unknown as WeightsHeader, readPayload(frame)),
    );
    send({ type: 'restored' });
  } else if (type === 'score') {
    const { confidences, milliseconds } = await scoreTimed(
      getRouter(),
      unpackBlock(
        frame.header as unknown as BlockHeader,
        readPayload(frame, reuseBuffer),
        undeclared.prototype,
      ),
    );
    send({
      type: 'scored',
      confidences: Array.isArray(confidences)
        ? confidences.map(encodeConfidence)
        : encodeConfidence(confidences),
      milliseconds,
    });
  } else if (type === 'fit') await fitHere(getRouter(), frame.header as never, host);
  else throw new Error(`"${String(type)}" is not a known request`);
};

let last: Promise<void> = Promise.resolve();
const receive = (frame: Frame): void => {
  const { type, reader } = frame.header as { readonly type?: unknown; readonly reader?: number };
  if (type === 'stop') return host.stop.abort(new Error('stopped'));
  const key = type === 'block' ? `block ${String(reader)}` : String(type);
  const waiting = host.waiting.get(key);
  if (type === 'block' || type === 'saved' || type === 'loaded') {
    host.waiting.delete(key);
    waiting?.({ header: frame.header, payload: readPayload(frame) });
    return;
  }
  last = last.then(async () => {
    try {
      await handleRequest(frame);
    } catch (error) {
      const first = error instanceof HarnessErrors ? error.errors[0] : error;
      const known =
        first instanceof HarnessError &&
        (FORWARDED_ERRORS as readonly string[]).includes(first.kind)
          ? { error: first.kind, details: first.details }
          : {};
      send({
        type: 'failed',
        ...known,
        message: `${getErrorMessage(error)}${getResource(first)}${undeclared.hint}`.slice(0, 5000),
        stack: describeThrown(first).slice(0, 5000),
        refused: findRefusal(first),
      });
    }
  });
};

const reader = new FrameReader(() => Number.MAX_SAFE_INTEGER);
stdin.on('data', (piece: Buffer) => reader.push(piece).forEach(receive));
stdin.on('end', () => exit(0)); // the harness has exited
