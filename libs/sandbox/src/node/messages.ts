import type { Admission, Codec, ModuleKind, RunLimits, RunOutcome } from '../port.js';

/** What the parent asks of a sandbox process. Byte strings follow in the order of the fields that give their lengths. */
export type Request =
  | { op: 'engine' }
  | { op: 'load'; kind: ModuleKind; codec: Codec }
  /** Forget all modules but this one, and what lies about. */
  | { op: 'tidy'; keep: string }
  | { op: 'run'; key: string; limits: Omit<RunLimits, 'fuel'> & { fuel: string }; tasks: TaskHeader[] };

export interface TaskHeader {
  input_bytes: number;
  args?: readonly string[];
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
