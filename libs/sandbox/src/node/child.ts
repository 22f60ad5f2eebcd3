/**
 * The process of one slot. It has no event loop to speak of: it reads a request, does it, writes the reply, all synchronously, so that nothing
 * a module does can be interleaved with anything else. It ends when its input does.
 */
import { createHash } from 'node:crypto';
import { readSync, writeSync } from 'node:fs';
import { HeapError } from '#units';
import type { ModuleSource, RunLimits, ViewFile } from '../port.js';
import { moduleKey } from '../runtime/module-key.js';
import { Runtime } from '../runtime/runtime.js';
import { decodeFrame, encodeFrame } from './frames.js';
import type { Reply, Request } from './messages.js';

const INPUT = 0;
const OUTPUT = 1;

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

let engine: Uint8Array = new Uint8Array(0);
const runtime = new Runtime({ sha256, engine: () => engine });
const loaded = new Set<string>();
/** V8 collects when it must; an idle process on somebody's device should hold less than that. */
const { gc } = globalThis as { gc?: () => void };

function readExactly(n: number): Buffer | null {
  const buffer = Buffer.allocUnsafe(n);
  for (let at = 0; at < n; ) {
    const read = readSync(INPUT, buffer, at, n - at, null);
    if (read === 0) return null;
    at += read;
  }
  return buffer;
}

function reply(header: Reply, blobs: readonly Uint8Array[] = []): void {
  const frame = encodeFrame(header, blobs);
  for (let at = 0; at < frame.length; ) at += writeSync(OUTPUT, frame, at);
}

function load(source: ModuleSource): void {
  try {
    const admission = runtime.load(source);
    const key = moduleKey(admission.module_hash, source);
    loaded.add(key);
    reply({ op: 'loaded', key, admission });
  } catch (error) {
    if (!(error instanceof HeapError)) throw error;
    reply({ op: 'refused', code: error.code, message: error.message, details: error.details });
  }
}

function tidy(keep: string): void {
  for (const key of loaded) {
    if (key === keep) continue;
    runtime.forget(key);
    loaded.delete(key);
  }
  gc?.();
  reply({ op: 'tidied' });
}

/** Input files by hash, as long as batches name them. */
const files = new Map<string, Uint8Array>();

function keepFiles(hashes: readonly string[]): void {
  for (const hash of [...files.keys()]) if (!hashes.includes(hash)) files.delete(hash);
  reply({ op: 'ready' });
}

function rememberFile(hash: string, bytes: Uint8Array): void {
  files.set(hash, bytes);
  reply({ op: 'ready' });
}

function given(hash: string): Uint8Array {
  const bytes = files.get(hash);
  if (!bytes) throw new Error(`file ${hash} was not handed over`);
  return bytes;
}

function run(request: Extract<Request, { op: 'run' }>, body: Buffer): void {
  const limits: RunLimits = { ...request.limits, fuel: BigInt(request.limits.fuel) };
  const view = request.files.map(({ path, hash }): ViewFile => ({ path, hash, bytes: given(hash) }));
  let at = 0;
  for (const { input_bytes, ...task } of request.tasks) {
    const input = body.subarray(at, at + input_bytes);
    at += input_bytes;
    const started = performance.now();
    const { output, fuel_used, ...rest } = runtime.run(request.key, { ...task, input, files: view }, limits);
    const wall_ms = performance.now() - started;
    const outcome = { ...rest, output_hash: sha256(output), wall_ms, fuel_used: String(fuel_used), output_bytes: output.length };
    reply({ op: 'outcome', outcome }, [output]);
  }
  const { user, system } = process.cpuUsage();
  reply({ op: 'done', rss_bytes: residentBytes(), cpu_s: (user + system) / 1e6 });
}

/** Behind bubblewrap there is no /proc to read it from. */
function residentBytes(): number {
  try {
    return process.memoryUsage.rss();
  } catch {
    return 0;
  }
}

// A service manager signals every process of a service: when to stop is the agent's decision, which ends this one by closing its input.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

for (;;) {
  const length = readExactly(4);
  const rest = length && readExactly(length.readUInt32LE(0));
  if (!rest) break;
  const { header, body } = decodeFrame<Request>(rest);
  if (header.op === 'engine') {
    engine = body;
    reply({ op: 'ready' });
  } else if (header.op === 'load') load({ kind: header.kind, codec: header.codec, bytes: body });
  else if (header.op === 'tidy') tidy(header.keep);
  else if (header.op === 'keep') keepFiles(header.hashes);
  else if (header.op === 'file') rememberFile(header.hash, body);
  else run(header, body);
}
