import { CommanderError } from 'commander';
import { HeapError } from '#units';
import { EXIT, exitCodeOf } from './exit-codes.js';
import type { Terminal } from './terminal.js';

/** A file where a folder should be, a disk that may only be read, names that are too long or lead in a circle. */
const UNWRITABLE: ReadonlySet<string> = new Set(['ENOTDIR', 'EROFS', 'EPERM', 'ENAMETOOLONG', 'ELOOP']);

/** Whatever was thrown, as an error that a person can act on. */
export function heapErrorOf(error: unknown): HeapError {
  if (error instanceof HeapError) return error;
  const { code, message, path } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new HeapError('no_such_file', `There is no file ${path}.`, 'user');
  if (code === 'EACCES' || code === 'EISDIR')
    return new HeapError('unreadable_file', `${path ?? 'The file'} cannot be read: ${message}.`, 'user');
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new HeapError('disk_full', `There is no room for it on this disk: ${message}. Nothing half written was left.`, 'user');
  if (code !== undefined && UNWRITABLE.has(code))
    return new HeapError('unwritable_file', `It cannot be written there: ${message}.`, 'user');
  const unknown = new HeapError('internal', `Something went wrong that should not: ${message ?? String(error)}`, 'platform');
  unknown.cause = error;
  return unknown;
}

/** Says what went wrong: a sentence for people, and for machines a problem object as the output. Returns the exit code. */
export async function fail(terminal: Terminal, thrown: unknown): Promise<number> {
  if (thrown instanceof CommanderError) {
    if (thrown.exitCode === 0) return EXIT.ok;
    const usage = new HeapError('usage', thrown.message.replace(/^error: /, ''), 'user');
    // commander has said it to people already.
    if (terminal.json) await terminal.line(problemOf(usage)).catch(() => undefined);
    return EXIT.usage;
  }
  const error = heapErrorOf(thrown);
  terminal.note(`heap: ${error.message} [${error.code}]`);
  if (error.code === 'internal' && error.cause instanceof Error) terminal.note(String(error.cause.stack));
  if (terminal.json) await terminal.line(problemOf(error)).catch(() => undefined);
  return exitCodeOf(error);
}

/** RFC 9457's members as far as a command has them. */
function problemOf({ code, message, fault, details }: HeapError) {
  const { status, request_id, ...rest } = details;
  return {
    type: 'about:blank',
    title: code,
    status: status ?? null,
    detail: message,
    code,
    fault,
    request_id: request_id ?? null,
    details: rest,
  };
}
