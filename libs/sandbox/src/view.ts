import type { View } from '#protocol';
import type { Admission, RunLimits } from './port.js';

const MIB = 1024 * 1024;

function size(bytes: number): string {
  const [value, unit] = bytes >= MIB ? [bytes / MIB, 'MB'] : bytes >= 1024 ? [bytes / 1024, 'KB'] : [bytes, 'bytes'];
  return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} ${unit}`;
}

function duration(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`;
}

type Bounds = Pick<RunLimits, 'memory_bytes' | 'wall_ms' | 'output_bytes' | 'log_bytes'>;

function filesOf({ files, scratch }: Pick<View, 'files' | 'scratch'>): string[] {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const said: string[] = [];
  if (files.length > 0)
    said.push(`It may read ${files.length === 1 ? 'an input file' : `${files.length} input files`} (${size(bytes)} in all).`);
  if (scratch) said.push(`It may keep ${size(scratch.bytes)} of scratch files in memory until the task ends.`);
  return said;
}

/**
 * What a job's tasks may see and use, in sentences an owner can agree to. With `module` it says what holds for that one: one that imports no
 * clock is not said to have one.
 */
export function describeView(
  view: Pick<View, 'files' | 'scratch'>,
  limits: Bounds,
  module?: Pick<Admission, 'kind' | 'imports'>,
): string[] {
  const uses = (name: string) =>
    module === undefined || module.kind === 'javascript' || module.imports.includes(`wasi_snapshot_preview1.${name}`);
  const files = filesOf(view);
  const sentences = [
    ...files,
    files.length > 0
      ? 'Beside that it sees its own input and nothing else: no network, no other task, nothing of this device.'
      : 'It sees its own input and nothing else: no files, no network, no other task, nothing of this device.',
    `It may hold at most ${size(limits.memory_bytes)} of memory and run at most ${duration(limits.wall_ms)} a task.`,
    `It may answer at most ${size(limits.output_bytes)}${limits.log_bytes > 0 ? ` and keep ${size(limits.log_bytes)} of logs` : ''}.`,
  ];
  if (uses('clock_time_get')) sentences.push('Its clock does not tell the real time.');
  if (uses('random_get')) sentences.push('Its randomness follows from a seed.');
  return sentences;
}
