import { VIEW_LIMITS } from '#protocol';
import { formatMajor, HeapError } from '#units';

export const jobUnknown = (): HeapError => new HeapError('not_found', 'There is no such job among yours.', 'user');

export const moduleUnknown = (hash: string): HeapError =>
  new HeapError('module_unknown', `No module with the hash ${hash} is here: upload it with POST /v1/modules first.`, 'developer', { hash });

export const inputUnknown = (hash: string): HeapError =>
  new HeapError('input_unknown', `An input names the hash ${hash}, which you have not put: PUT /v1/blobs/${hash} first.`, 'developer', {
    hash,
  });

export const filesUnknown = (hashes: readonly string[]): HeapError =>
  new HeapError(
    'file_unknown',
    `The view names ${hashes.length === 1 ? 'a file that you have' : `${hashes.length} files that you have`} not put: PUT /v1/blobs/${hashes[0]} first.`,
    'developer',
    { hashes },
  );

export const fileSizeWrong = (path: string, bytes: number): HeapError =>
  new HeapError('invalid_input', `The file at ${path} has ${bytes} bytes, which is not what the view says.`, 'developer', { path, bytes });

export const viewTooLarge = (slot_class: string, bytes: number, most: number): HeapError =>
  new HeapError(
    'view_too_large',
    `The input files and the scratch directory take ${bytes} bytes; a ${slot_class} slot has room for ${most} beside the program: take a larger class or smaller files.`,
    'developer',
    { bytes, most },
  );

export const viewTooLong = (): HeapError =>
  new HeapError(
    'view_too_large',
    `The arguments, variables and paths of files take more than ${VIEW_LIMITS.manifest_bytes} bytes together: put large values into a file.`,
    'developer',
  );

export const noRoom = (bytes: number, most: number): HeapError =>
  new HeapError(
    'blob_quota_exceeded',
    `With these ${bytes} bytes your account would keep more than the ${most} bytes that this heap keeps for one account; its operator can raise HEAP_ACCOUNT_BLOB_BYTES.`,
    'developer',
    { bytes, most },
  );

export const jobClosed = (): HeapError => new HeapError('conflict', 'This job takes no more inputs: it is closed or over.', 'developer');

export const inputsOutOfOrder = (expected: number): HeapError =>
  new HeapError('conflict', `The next input of this job has index ${expected}: send the inputs in order.`, 'developer', { expected });

export const noInputs = (): HeapError =>
  new HeapError('invalid_input', 'A job needs at least one input, or `open: true` to get them later.', 'developer');

export const nothingToRetry = (): HeapError =>
  new HeapError('nothing_to_retry', 'None of these tasks failed or was cancelled, so there is nothing to run again.', 'developer');

export const keyUsed = (): HeapError =>
  new HeapError('idempotency_mismatch', 'This Idempotency-Key was used for another job: choose a new one.', 'developer');

export const codecMismatch = (): HeapError =>
  new HeapError('invalid_input', 'A WebAssembly module reads and writes bytes: leave `codec` out.', 'developer');

export const trustedNodesMissing = (): HeapError =>
  new HeapError(
    'trusted_nodes_missing',
    'At level L4 nothing is checked, because you trust who runs it: say whom with `constraints`: `own`, `nodes` or `owners`.',
    'developer',
  );

export const deadlinePassed = (deadline: string): HeapError =>
  new HeapError('deadline_passed', `The deadline ${deadline} has passed already: choose a later one, or none.`, 'developer', { deadline });

export const jobCapExceeded = (cap_micro: bigint): HeapError =>
  new HeapError(
    'job_cap_exceeded',
    `Your own cap for a job is ${formatMajor(cap_micro)}: lower the budget, or raise the cap with \`heap limits --job-cap\`.`,
    'developer',
    { cap_micro: String(cap_micro) },
  );

export const dayCapTooSmall = (cap_micro: bigint, least_micro: bigint): HeapError =>
  new HeapError(
    'day_cap_too_small',
    `One task may cost up to ${formatMajor(least_micro)}, more than your own cap of ${formatMajor(cap_micro)} for a day: raise it with \`heap limits --day-cap\`, or lower the fuel limit.`,
    'developer',
    { cap_micro: String(cap_micro), least_micro: String(least_micro) },
  );

export const budgetTooSmall = (least_micro: bigint): HeapError =>
  new HeapError(
    'budget_too_small',
    `One task may cost up to ${least_micro} micro-units at this maximum price and fuel limit: raise the budget to at least that, or lower the fuel limit.`,
    'developer',
    { least_micro: String(least_micro) },
  );

export const verifierBudgetTooSmall = (least_micro: bigint): HeapError =>
  new HeapError(
    'verifier_budget_too_small',
    `One run of your verifier may cost up to ${least_micro} micro-units at its fuel limit: raise its budget to at least that, or lower the limit.`,
    'developer',
    { least_micro: String(least_micro) },
  );
