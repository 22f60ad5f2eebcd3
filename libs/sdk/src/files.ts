import { HTTP_LIMITS, ROUTES } from '#protocol';
import { HeapError } from '#units';
import { sha256, toUtf8 } from './bytes.js';
import type { HttpClient } from './http.js';
import type { Storage } from './storage.js';
import { VolumeInput } from './volume-input.js';

/** An input file by its hash. */
export interface FileRef {
  path: string;
  hash: string;
  bytes: Uint8Array;
}

/** What a file of a job can be given as. */
export type FileContent = Uint8Array | string | VolumeInput;

const bytesOf = (content: FileContent, storage: Storage, signal?: AbortSignal): Uint8Array | Promise<Uint8Array> => {
  if (content instanceof VolumeInput) return content.bytes(storage, signal);
  return typeof content === 'string' ? toUtf8(content) : content;
};

const PUTS = 4;

/** Names files by their hashes. @throws HeapError `file_too_large`. */
export function hashFiles(files: Readonly<Record<string, FileContent>> = {}, storage: Storage, signal?: AbortSignal): Promise<FileRef[]> {
  return Promise.all(
    Object.entries(files).map(async ([path, content]) => {
      const bytes = await bytesOf(content, storage, signal);
      if (bytes.length > HTTP_LIMITS.blob_bytes)
        throw new HeapError(
          'file_too_large',
          `${path} has ${bytes.length} bytes; a file has at most ${HTTP_LIMITS.blob_bytes}.`,
          'developer',
          {
            path,
          },
        );
      return { path, hash: await sha256(bytes), bytes };
    }),
  );
}

/**
 * Places a job, and puts the files that the heap has not got from us when it says so: what is there is not sent again. `place` must do nothing
 * when it throws.
 */
export async function withFiles<T>(
  http: HttpClient,
  files: readonly FileRef[],
  place: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  try {
    return await place();
  } catch (error) {
    const missing = error instanceof HeapError && error.code === 'file_unknown' ? error.details.hashes : null;
    if (!Array.isArray(missing)) throw error;
    await putFiles(http, new Map(files.filter(({ hash }) => missing.includes(hash)).map((file) => [file.hash, file])), signal);
    return place();
  }
}

async function putFiles(http: HttpClient, files: ReadonlyMap<string, FileRef>, signal: AbortSignal | undefined): Promise<void> {
  const waiting = [...files.values()];
  const worker = async () => {
    for (let file = waiting.pop(); file; file = waiting.pop())
      await http.call(ROUTES.putBlob, { params: { hash: file.hash }, body: file.bytes, timeout_ms: 300_000, patient: true, signal });
  };
  await Promise.all(Array.from({ length: PUTS }, worker));
}
