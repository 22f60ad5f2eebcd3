import { DETERMINISTIC_VERDICTS, NO_VERDICTS, type RunLimits, type RunOutcome } from './port.js';

const TEXT_CHARACTERS_MAX = 128 * 1024;
const HASH = /^[0-9a-f]{64}$/;
const VERDICTS = new Set<unknown>([...DETERMINISTIC_VERDICTS, ...NO_VERDICTS]);

export type Fields = Record<string, unknown>;

export const fields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
export const text = (value: unknown, max = TEXT_CHARACTERS_MAX): value is string => typeof value === 'string' && value.length <= max;
export const count = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
export const hash = (value: unknown): value is string => typeof value === 'string' && HASH.test(value);
const duration = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < Number.MAX_SAFE_INTEGER;
/** Bytes with a buffer of their own: a view of one byte could hold a gigabyte in the page. */
const ownBytes = (value: unknown): value is Uint8Array =>
  value instanceof Uint8Array && value.buffer instanceof ArrayBuffer && value.buffer.byteLength === value.length;

/** Reads what a sandbox says of a run; null for what no sandbox of ours would say. */
export function readOutcome(value: unknown): RunOutcome | null {
  if (!fields(value)) return null;
  const { verdict, detail, exit_code, fuel_used, output, output_hash, logs, memory_peak_bytes, wall_ms } = value;
  if (!VERDICTS.has(verdict) || !(detail === null || text(detail)) || !(exit_code === null || Number.isSafeInteger(exit_code))) return null;
  if (typeof fuel_used !== 'bigint' || fuel_used < 0n || !ownBytes(output) || !hash(output_hash)) return null;
  if (!text(logs, Number.POSITIVE_INFINITY) || !count(memory_peak_bytes) || !duration(wall_ms)) return null;
  const known = { verdict: verdict as RunOutcome['verdict'], detail, exit_code: exit_code as number | null };
  return { ...known, fuel_used, output, output_hash, logs, memory_peak_bytes, wall_ms };
}

/** Is the outcome one that these limits allow? */
export function within(outcome: RunOutcome, limits: RunLimits): boolean {
  return (
    outcome.fuel_used <= (limits.fuel < 0n ? 0n : limits.fuel) &&
    outcome.output.length <= limits.output_bytes &&
    outcome.logs.length <= limits.log_bytes &&
    outcome.memory_peak_bytes <= Math.max(limits.memory_bytes, 0)
  );
}
