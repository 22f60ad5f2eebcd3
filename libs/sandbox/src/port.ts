/** What a module is written in. */
export type ModuleKind = 'wasm' | 'javascript';

/** How input and output bytes map to the values of a JavaScript handler; WebAssembly always sees bytes. */
export type Codec = 'bytes' | 'json';

export interface ModuleSource {
  kind: ModuleKind;
  codec: Codec;
  bytes: Uint8Array;
}

/** Everything a run may use. `fuel` and `stack_bytes` are counted by the instrumented code itself; `wall_ms` is the second wall. */
export interface RunLimits {
  fuel: bigint;
  stack_bytes: number;
  memory_bytes: number;
  output_bytes: number;
  log_bytes: number;
  wall_ms: number;
  /** Names (files, directories, links) in the scratch directory `/tmp`; none, the default, means that there is none. */
  files?: number;
  /** Bytes of all scratch files together. Default 0. */
  file_bytes?: number;
  /** Calls into the host; one more is a trap. Default: as many as the fuel pays for. */
  host_calls?: number;
}

/** A file that the job gives to its tasks, to read. */
export interface ViewFile {
  /** From the root of the task's world, without a slash at its start: `data/model.bin`. */
  path: string;
  /** SHA-256 of `bytes`, lower-case hex; who runs a task has checked it. */
  hash: string;
  bytes: Uint8Array;
}

/** The same on every device: status, exit code, output and fuel of these can be compared byte for byte. */
export const DETERMINISTIC_VERDICTS = ['ok', 'exit', 'trap', 'out-of-fuel', 'stack-overflow', 'output-limit', 'refused'] as const;

/** Says something about the host, nothing about the module: the task runs elsewhere, nobody is blamed or paid. */
export const NO_VERDICTS = ['host-oom', 'host-stack', 'timeout', 'killed'] as const;

export type Verdict = (typeof DETERMINISTIC_VERDICTS)[number] | (typeof NO_VERDICTS)[number];

export const isDeterministic = (verdict: Verdict): boolean => (DETERMINISTIC_VERDICTS as readonly string[]).includes(verdict);

export interface RunOutcome {
  verdict: Verdict;
  /** The kind of a trap, or a JavaScript error's message with the developer's own line; for people, not for comparing. */
  detail: string | null;
  exit_code: number | null;
  /** Never more than the limit. */
  fuel_used: bigint;
  output: Uint8Array;
  /** SHA-256 of `output`, lower-case hex. */
  output_hash: string;
  /** The last `log_bytes` of standard error, or of the console. */
  logs: string;
  memory_peak_bytes: number;
  wall_ms: number;
}

export interface RunTask {
  input: Uint8Array;
  /** Command-line arguments after the program's name. */
  args?: readonly string[];
  /** Environment variables by name. */
  env?: Readonly<Record<string, string>>;
  /** Equal lists should be the same array: a slot hands their bytes over once. */
  files?: readonly ViewFile[];
  /** Seeds every random source the task sees; equal seeds give equal runs. */
  seed?: string;
  /** The virtual clock's first reading; it advances with fuel, never with the wall. */
  clock_ms?: number;
}

/** A module that may run: both hashes are equal on every device that instruments with the same `meter_id`. */
export interface Admission {
  /** SHA-256 of the original bytes. */
  module_hash: string;
  /** SHA-256 over what really runs: the instrumented bytes, or for JavaScript the instrumented engine and the source. */
  metered_hash: string;
  meter_id: string;
  kind: ModuleKind;
  /** Length of the original. */
  bytes: number;
  /** `module.name` of each import. */
  imports: string[];
}

/** One place where one task runs at a time. `run` and `runBatch` never throw for what a module does. */
export interface SandboxSlot {
  /** Instruments and compiles; cheap when this slot or a sibling has seen the same bytes. Throws `HeapError('module_refused')`. */
  load(module: ModuleSource): Promise<Admission>;
  run(module_hash: string, task: RunTask, limits: RunLimits): Promise<RunOutcome>;
  /**
   * Runs the tasks in order, each in fresh memory, and reports each as soon as it is known. Resolves after the last; after `signal` fires it
   * stops the running task at once, reports nothing more and resolves.
   */
  runBatch(
    module_hash: string,
    tasks: readonly RunTask[],
    limits: RunLimits,
    onOutcome: (index: number, outcome: RunOutcome) => void,
    signal?: AbortSignal,
  ): Promise<void>;
  close(): Promise<void>;
}
