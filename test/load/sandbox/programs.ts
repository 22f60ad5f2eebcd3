import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ModuleSource, moduleKey, type RunLimits, type RunOutcome, Runtime } from '#sandbox';
import { engineBytes } from '#sandbox/node';

const MIB = 1024 * 1024;
const FOLDER = join(process.cwd(), 'test/programs');

export const LIMITS: RunLimits = {
  fuel: 1n << 50n,
  stack_bytes: 256 * 1024,
  memory_bytes: 256 * MIB,
  output_bytes: MIB,
  log_bytes: 4096,
  wall_ms: 60_000,
};

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

export interface Program {
  name: string;
  source: ModuleSource;
  input: Uint8Array;
}

/** Every program of test/programs: C compiled to WebAssembly, and JavaScript. */
export function programs(kind: 'c' | 'js'): Program[] {
  const extension = kind === 'c' ? '.wasm' : '.js';
  return readdirSync(join(FOLDER, kind))
    .filter((file) => file.endsWith(extension))
    .map((file) => {
      const bytes = readFileSync(join(FOLDER, kind, file));
      const codec = kind === 'js' && !bytes.includes('codec: bytes') ? 'json' : 'bytes';
      const input = Buffer.from(codec === 'json' ? 'null' : '');
      return {
        name: `${kind}/${file.slice(0, -extension.length)}`,
        source: { kind: kind === 'c' ? 'wasm' : 'javascript', codec, bytes },
        input,
      };
    });
}

export const newRuntime = () => new Runtime({ sha256, engine: engineBytes });

/** Loads a program and answers how to run it once. */
export function prepare(runtime: Runtime, { source, input }: Program, limits = LIMITS): () => Omit<RunOutcome, 'output_hash' | 'wall_ms'> {
  const { module_hash } = runtime.load(source);
  const key = moduleKey(module_hash, source);
  return () => runtime.run(key, { input }, limits);
}

/** The fastest of several runs: what else the machine does only ever adds. */
export function fastest_ms(run: () => unknown, repeats: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < repeats; i++) {
    const started = performance.now();
    run();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}
