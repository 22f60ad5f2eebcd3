import type { RunLimits, RunTask } from '../../port.js';
import { type FileMeter, FileSystem } from './file-system.js';
import { FILE_FUEL } from './fuel.js';

type Given = Pick<RunTask, 'files'>;
type Granted = Pick<RunLimits, 'files' | 'file_bytes'>;

/** The files of a task; null when its view has none and no scratch directory. Throws `BadView`. */
export function filesOf({ files = [] }: Given, limits: Granted, meter: FileMeter): FileSystem | null {
  if (files.length === 0 && !limits.files) return null;
  return new FileSystem(files, { files: limits.files ?? 0, file_bytes: limits.file_bytes ?? 0 }, meter);
}

/** What the files that the job gives cost each task at its start. */
export const filesFuel = ({ files = [] }: Given): number => files.length * FILE_FUEL.node;
