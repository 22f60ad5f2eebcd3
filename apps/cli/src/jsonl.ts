import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { HeapError } from '#units';

/** The values of a JSONL stream; empty lines are skipped. @throws HeapError `bad_input` with file and line. */
export async function* readJsonl(source: Readable, name: string): AsyncGenerator<unknown, void, void> {
  let line = 0;
  // A missing file is an error of the stream, which readline does not pass on.
  const broken = new Promise<never>((_, reject) => source.once('error', reject));
  broken.catch(() => undefined);
  const lines = createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([lines.next(), broken]);
      if (next.done) return;
      line++;
      if (next.value.trim() === '') continue;
      yield parseLine(next.value, `${name}:${line}`);
    }
  } finally {
    source.destroy();
  }
}

function parseLine(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HeapError('bad_input', `${place} is not JSON (${(error as Error).message}): write one JSON value a line.`, 'user', { place });
  }
}

/** Reads a file once to the end, so that a fault in its last line costs nothing; returns the number of its values. */
export async function checkJsonl(file: string): Promise<number> {
  let count = 0;
  for await (const _ of readJsonl(createReadStream(file), file)) count++;
  return count;
}
