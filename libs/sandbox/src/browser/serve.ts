import { HeapError } from '#units';
import { moduleKey } from '../runtime/module-key.js';
import { Runtime, type RuntimePlatform } from '../runtime/runtime.js';
import { sha256Hex } from '../runtime/sha256.js';
import type { Port } from './dom.js';
import { countMemories } from './held.js';
import { type Answer, type Reply, type Request, readRequest } from './messages.js';

/** The worker's side of a slot: does what the port asks, one after the other. Whatever it throws ends the worker. */
export function serve(port: Port, more: Partial<RuntimePlatform> = {}): void {
  const heldBytes = countMemories();
  let engine: Uint8Array = new Uint8Array(0);
  const platform = { sha256: sha256Hex, engine: () => engine, ...more };
  const runtime = new Runtime(platform);

  const load = ({ kind, codec, bytes }: Extract<Request, { op: 'load' }>): Answer => {
    try {
      const admission = runtime.load({ kind, codec, bytes });
      return { op: 'loaded', key: moduleKey(admission.module_hash, { kind, codec }), admission };
    } catch (error) {
      if (!(error instanceof HeapError)) throw error;
      return { op: 'refused', message: error.message, details: { ...error.details } as Record<string, string | number> };
    }
  };

  const run = ({ key, task, limits }: Extract<Request, { op: 'run' }>): Answer => {
    const started = performance.now();
    const raw = runtime.run(key, task, limits);
    const wall_ms = performance.now() - started;
    return { op: 'outcome', outcome: { ...raw, output_hash: platform.sha256(raw.output), wall_ms } };
  };

  const answerTo = (request: Exclude<Request, { op: 'forget' }>): Answer => {
    if (request.op === 'load') return load(request);
    if (request.op === 'run') return run(request);
    engine = request.bytes;
    return { op: 'ready' };
  };

  port.onmessage = ({ data }) => {
    const request = readRequest(data);
    if (request === null) throw new Error('the page asked for something this sandbox does not know');
    if (request.op === 'forget') return runtime.forget(request.key);
    port.postMessage({ ...answerTo(request), held_bytes: heldBytes() } satisfies Reply);
  };
}
