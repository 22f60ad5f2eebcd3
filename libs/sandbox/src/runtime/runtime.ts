import { Handler, JavaScriptEngine } from '../js/handler.js';
import { PRELUDE } from '../js/prelude.js';
import { METER_ID, type Metered, meter } from '../meter/meter.js';
import { moduleRefused } from '../meter/refusal.js';
import type { Admission, ModuleSource, RunLimits, RunTask } from '../port.js';
import { Wasi } from '../wasi/wasi.js';
import { Command, type RawOutcome } from './command.js';
import { wasm } from './engine.js';
import { moduleKey } from './module-key.js';

/** What the platform lends: a hash, and the bytes of quickjs-wasi's `quickjs.wasm`. */
export interface RuntimePlatform {
  sha256(bytes: Uint8Array): string;
  engine(): Uint8Array;
  /** For tests that compare engines: shown all of a run's memory as it left it, before it is wiped. */
  onMemory?(memory: Uint8Array): void;
}

interface Loaded {
  admission: Admission;
  run(task: RunTask, limits: RunLimits): RawOutcome;
}

const encoder = new TextEncoder();

/** Loads modules and runs their tasks in this thread, one at a time. A host wraps it in a process or worker it can kill. */
export class Runtime {
  private readonly modules = new Map<string, Loaded>();
  private readonly wasi = new Wasi();
  private javascript: { engine: JavaScriptEngine; hash: string } | null = null;

  constructor(private readonly platform: RuntimePlatform) {}

  /** Throws `HeapError('module_refused')`. */
  load(source: ModuleSource): Admission {
    const module_hash = this.platform.sha256(source.bytes);
    const key = moduleKey(module_hash, source);
    const known = this.modules.get(key);
    if (known) return known.admission;
    const loaded = source.kind === 'wasm' ? this.loadCommand(source, module_hash) : this.loadHandler(source, module_hash);
    this.modules.set(key, loaded);
    return loaded.admission;
  }

  has(key: string): boolean {
    return this.modules.has(key);
  }

  forget(key: string): void {
    this.modules.delete(key);
  }

  run(key: string, task: RunTask, limits: RunLimits): RawOutcome {
    const loaded = this.modules.get(key);
    if (!loaded) throw new Error(`module ${key} is not loaded`);
    return loaded.run(task, limits);
  }

  private loadCommand(source: ModuleSource, module_hash: string): Loaded {
    const metered = meterValid(source.bytes);
    const command = new Command(new wasm.Module(metered.bytes), metered, this.platform.onMemory);
    return {
      admission: this.admission(source, module_hash, this.platform.sha256(metered.bytes), metered),
      run: (task, limits) => command.run(this.wasi, task, limits),
    };
  }

  private loadHandler(source: ModuleSource, module_hash: string): Loaded {
    this.javascript ??= this.startEngine();
    const { engine, hash } = this.javascript;
    const handler = new Handler(engine, source.bytes, source.codec, this.platform.onMemory);
    const metered_hash = this.platform.sha256(encoder.encode(`${hash}:${this.platform.sha256(encoder.encode(PRELUDE))}:${module_hash}`));
    return { admission: this.admission(source, module_hash, metered_hash, null), run: (task, limits) => handler.run(task, limits) };
  }

  private startEngine(): { engine: JavaScriptEngine; hash: string } {
    const metered = meterValid(this.platform.engine());
    return { engine: new JavaScriptEngine(new wasm.Module(metered.bytes), metered.memory), hash: this.platform.sha256(metered.bytes) };
  }

  private admission(source: ModuleSource, module_hash: string, metered_hash: string, metered: Metered | null): Admission {
    return {
      module_hash,
      metered_hash,
      meter_id: METER_ID,
      kind: source.kind,
      bytes: source.bytes.length,
      imports: (metered?.imports ?? []).map(({ module, name }) => `${module}.${name}`),
    };
  }
}

/** Order matters: metering a module the engine would refuse could let it forge its fuel. */
function meterValid(bytes: Uint8Array): Metered {
  if (!wasm.validate(bytes)) throw notValid(bytes);
  return meter(bytes);
}

function notValid(bytes: Uint8Array): Error {
  try {
    meter(bytes); // our own refusals explain more than the engine's
    new wasm.Module(bytes);
  } catch (error) {
    if (error instanceof Error && error.name === 'HeapError') return error;
    const message = error instanceof Error ? error.message.replace(/^WebAssembly\.Module\(\): /, '') : 'it is not valid';
    const offset = /@\+(\d+)/.exec(message);
    const where = /Compiling function #(\d+)(?::"([^"]*)")? failed: /.exec(message);
    return moduleRefused(message.replace(/ @\+\d+$/, '').replace(where?.[0] ?? '', ''), {
      ...(offset ? { byte_offset: Number(offset[1]) } : {}),
      ...(where ? { function_index: Number(where[1]) } : {}),
      ...(where?.[2] ? { function_name: where[2] } : {}),
    });
  }
  return moduleRefused('it is not valid WebAssembly');
}
