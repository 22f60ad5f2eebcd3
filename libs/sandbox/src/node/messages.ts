import type { Admission, Codec, ModuleKind, RunLimits, RunOutcome } from '../port.js';

/** What the parent asks of a sandbox process. Byte strings follow in the order of the fields that give their lengths. */
export type Request =
  | { op: 'engine' }
  | { op: 'load'; kind: ModuleKind; codec: Codec }
  /** Forget all modules but this one, and what lies about. */
  | { op: 'tidy'; keep: string }
  /** Input files to remember; all others are forgotten. */
  | { op: 'keep'; hashes: string[] }
  /** An input file, its bytes behind it. */
  | { op: 'file'; hash: string }
  | { op: 'run'; key: string; limits: Omit<RunLimits, 'fuel'> & { fuel: string }; files: FileHeader[]; tasks: TaskHeader[] };

/** A file of the tasks' view, by what the process was given before. */
export interface FileHeader {
  path: string;
  hash: string;
}

export interface TaskHeader {
  input_bytes: number;
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
  seed?: string;
  clock_ms?: number;
}

export type Reply =
  | { op: 'ready' }
  | { op: 'tidied' }
  | { op: 'loaded'; key: string; admission: Admission }
  | { op: 'refused'; code: string; message: string; details: Record<string, unknown> }
  | { op: 'outcome'; outcome: Omit<RunOutcome, 'fuel_used' | 'output'> & { fuel_used: string; output_bytes: number } }
  /** A run request is done; the process holds this much memory (0: it cannot tell) and has used this much processor time. */
  | { op: 'done'; rss_bytes: number; cpu_s: number };
