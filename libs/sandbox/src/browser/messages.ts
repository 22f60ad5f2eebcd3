import { count, type Fields, fields, hash, readOutcome, text } from '../outcome-check.js';
import type { Admission, Codec, ModuleKind, RunLimits, RunOutcome, RunTask } from '../port.js';

/** What the page asks of a sandbox worker, one after the other. */
export type Request =
  | { op: 'engine'; bytes: Uint8Array }
  | { op: 'load'; kind: ModuleKind; codec: Codec; bytes: Uint8Array }
  | { op: 'forget'; key: string }
  | { op: 'run'; key: string; task: RunTask; limits: RunLimits };

/** What came of a request. `forget` has no reply. */
export type Answer =
  | { op: 'ready' }
  | { op: 'loaded'; key: string; admission: Admission }
  | { op: 'refused'; message: string; details: Record<string, string | number> }
  | { op: 'outcome'; outcome: RunOutcome };

/** `held_bytes`: all memory that the worker's modules hold now, garbage not yet collected among it. */
export type Reply = Answer & { held_bytes: number };

const DETAILS_MAX = 8;
const IMPORTS_MAX = 4096;

/**
 * Reads what a worker sent; null for whatever no sandbox of ours would send. A module that has broken out of its engine speaks through here,
 * so that every field is looked at and only those known are passed on.
 */
export function readReply(message: unknown): Reply | null {
  if (!fields(message) || !count(message.held_bytes)) return null;
  const answer = readAnswer(message);
  return answer && { ...answer, held_bytes: message.held_bytes };
}

function readAnswer(message: Fields): Answer | null {
  switch (message.op) {
    case 'ready':
      return { op: 'ready' };
    case 'loaded': {
      const admission = readAdmission(message.admission);
      return admission && text(message.key, 128) ? { op: 'loaded', key: message.key, admission } : null;
    }
    case 'refused': {
      const details = readDetails(message.details);
      return details && text(message.message) ? { op: 'refused', message: message.message, details } : null;
    }
    case 'outcome': {
      const outcome = readOutcome(message.outcome);
      return outcome && { op: 'outcome', outcome };
    }
    default:
      return null;
  }
}

function readAdmission(value: unknown): Admission | null {
  if (!fields(value)) return null;
  const { module_hash, metered_hash, meter_id, kind, bytes, imports } = value;
  if (!hash(module_hash) || !hash(metered_hash) || !text(meter_id, 64) || !count(bytes)) return null;
  if (kind !== 'wasm' && kind !== 'javascript') return null;
  if (!Array.isArray(imports) || imports.length > IMPORTS_MAX || !imports.every((name) => text(name, 256))) return null;
  return { module_hash, metered_hash, meter_id, kind, bytes, imports: [...imports] };
}

function readDetails(value: unknown): Record<string, string | number> | null {
  if (!fields(value)) return null;
  const entries = Object.entries(value);
  const plain = entries.length <= DETAILS_MAX && entries.every(([name, v]) => text(name, 64) && (text(v) || Number.isFinite(v)));
  return plain ? (Object.fromEntries(entries) as Record<string, string | number>) : null;
}

/** Reads what the page sent; null for anything else, so that a page of another version fails plainly. */
export function readRequest(message: unknown): Request | null {
  if (!fields(message)) return null;
  const { op, bytes, key, kind, codec, task, limits } = message;
  if (op === 'engine') return bytes instanceof Uint8Array ? { op, bytes } : null;
  if (op === 'forget') return text(key, 128) ? { op, key } : null;
  if (op === 'load') {
    const known = (kind === 'wasm' || kind === 'javascript') && (codec === 'bytes' || codec === 'json');
    return known && bytes instanceof Uint8Array ? { op, kind, codec, bytes } : null;
  }
  if (op !== 'run' || !text(key, 128) || !fields(task) || !fields(limits)) return null;
  if (!(task.input instanceof Uint8Array) || typeof limits.fuel !== 'bigint') return null;
  const { stack_bytes, memory_bytes, output_bytes, log_bytes } = limits;
  if (![stack_bytes, memory_bytes, output_bytes, log_bytes].every(count)) return null;
  return { op, key, task: task as unknown as RunTask, limits: limits as unknown as RunLimits };
}
