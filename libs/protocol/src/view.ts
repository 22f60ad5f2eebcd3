import * as z from 'zod';
import { HTTP_LIMITS, VIEW_LIMITS } from './limits.js';
import { sha256, text } from './scalars.js';

/** The scratch directory's name in the root of a task's world; no input file can lie there. */
export const SCRATCH_DIRECTORY = 'tmp';

const encoder = new TextEncoder();
const isName = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && encoder.encode(name).length <= VIEW_LIMITS.name_bytes;

/** Why a path cannot be one of an input file; null when it can. */
function pathFault(path: string): string | null {
  const parts = path.split('/');
  if (path.startsWith('/')) return 'it begins at the root anyway: leave the slash at its start out';
  if (!parts.every(isName)) return `each of its names has 1 to ${VIEW_LIMITS.name_bytes} bytes and is neither "." nor ".."`;
  if (parts.length > VIEW_LIMITS.path_names) return `it has at most ${VIEW_LIMITS.path_names} names`;
  return parts[0] === SCRATCH_DIRECTORY ? `${SCRATCH_DIRECTORY}/ is the scratch directory` : null;
}

const guestPath = text(VIEW_LIMITS.path_bytes).check((context) => {
  const why = pathFault(context.value);
  if (why !== null)
    context.issues.push({ code: 'custom', input: context.value, message: `"${context.value}" cannot be a file's path: ${why}` });
});

const viewFile = z.strictObject({
  /** Where the task finds it: `data/model.bin`. */
  path: guestPath,
  hash: sha256,
  bytes: z.number().int().min(0).max(HTTP_LIMITS.blob_bytes),
});

/** A path is that of one file, and no file is another's directory. */
function isTree(files: readonly { path: string }[]): boolean {
  const paths = new Set(files.map(({ path }) => path));
  return (
    paths.size === files.length &&
    files.every(({ path }) => path.split('/').every((_, i, parts) => i === 0 || !paths.has(parts.slice(0, i).join('/'))))
  );
}

const scratch = z.strictObject({
  /** Of all its files together. */
  bytes: z.number().int().min(1).max(VIEW_LIMITS.bytes),
  /** Files, directories and links. */
  files: z.number().int().min(1).max(VIEW_LIMITS.scratch_files).default(VIEW_LIMITS.scratch_files_default),
});

/** Letters first: a name that JavaScript objects have of their own cannot be one. */
const variable = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, 'a variable is named by letters, digits and underscores');

/** What a job's tasks may see beside their input and arguments; by default nothing. There is no network and no device to ask for. */
export const viewTerms = z.strictObject({
  env: z
    .record(variable, text(4096))
    .refine((env) => Object.keys(env).length <= VIEW_LIMITS.env, `at most ${VIEW_LIMITS.env} variables`)
    .default({}),
  /** Read-only; their bytes are put as blobs first. */
  files: z.array(viewFile).max(VIEW_LIMITS.files).refine(isTree, 'each path is given once, and none lies below another').default([]),
  /** A directory `/tmp` in memory, empty at the start of each task and gone at its end. */
  scratch: scratch.nullable().default(null),
  /** Two jobs with the same seed have the same chance, task by task; null takes the job's id. */
  seed: text(128).nullable().default(null),
  /** The first reading of the tasks' clock, ms since 1970; null takes the time at which the job was placed. It moves with the work done. */
  clock_ms: z.number().int().min(0).max(8_640_000_000_000_000).nullable().default(null),
});

/** The whole view, as a lease states it: everything that a task sees. */
export const view = z.strictObject({ ...viewTerms.shape, args: z.array(text(4096)).max(64) });

export type ViewTerms = z.output<typeof viewTerms>;
export type View = z.output<typeof view>;

/** Memory of the device that a view takes beside the program's own: input files and scratch. */
export const viewBytes = ({ files, scratch }: Pick<ViewTerms, 'files' | 'scratch'>): number =>
  files.reduce((sum, { bytes }) => sum + bytes, scratch?.bytes ?? 0);

/** A view travels in one frame with the rest of its lease. */
export const viewFits = (terms: Pick<View, 'args'> & ViewTerms): boolean =>
  encoder.encode(JSON.stringify({ args: terms.args, env: terms.env, files: terms.files, seed: terms.seed })).length <=
  VIEW_LIMITS.manifest_bytes;
