import type { Admission, RunLimits } from './port.js';

const MIB = 1024 * 1024;

function size(bytes: number): string {
  if (bytes >= MIB) return `${Math.round(bytes / MIB)} MB`;
  if (bytes >= 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${bytes} bytes`;
}

function duration(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`;
}

/**
 * What a task may see and use, in sentences an owner can agree to. Says what holds for this module: one that imports no clock is not said to
 * have one.
 */
export function describeView(module: Pick<Admission, 'kind' | 'imports'>, limits: RunLimits): string[] {
  const uses = (name: string) => module.kind === 'javascript' || module.imports.includes(`wasi_snapshot_preview1.${name}`);
  const sentences = [
    'It sees its own input and nothing else: no files, no network, no other task, nothing of this device.',
    `It may hold at most ${size(limits.memory_bytes)} of memory and run at most ${duration(limits.wall_ms)} a task.`,
    `It may answer at most ${size(limits.output_bytes)}${limits.log_bytes > 0 ? ` and keep ${size(limits.log_bytes)} of logs` : ''}.`,
  ];
  if (uses('clock_time_get')) sentences.push('Its clock does not tell the real time.');
  if (uses('random_get')) sentences.push('Its randomness follows from a seed.');
  return sentences;
}
