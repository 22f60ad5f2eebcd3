import fs from 'node:fs';
import path from 'node:path';

const CHUNK_BYTES = 16 * 1024 * 1024;

/** Which of the patterns are in these bytes, that are read piece by piece. */
function* overlapping(read: (buffer: Buffer, at: number) => number, overlap: number): Generator<Buffer> {
  const buffer = Buffer.alloc(CHUNK_BYTES + overlap);
  let kept = 0;
  for (let at = 0; ; ) {
    const bytes = read(buffer.subarray(kept), at);
    if (bytes <= 0) return;
    at += bytes;
    const filled = buffer.subarray(0, kept + bytes);
    yield filled;
    kept = Math.min(overlap, filled.length);
    filled.copy(buffer, 0, filled.length - kept);
  }
}

function lookIn(where: string, chunks: Iterable<Buffer>, patterns: readonly Buffer[], found: Map<Buffer, string>): void {
  for (const chunk of chunks) for (const pattern of patterns) if (!found.has(pattern) && chunk.includes(pattern)) found.set(pattern, where);
}

const longest = (patterns: readonly Buffer[]) => Math.max(...patterns.map(({ length }) => length)) - 1;

/** Patterns that some file below the folder has, with its path. Files that go away meanwhile are passed over. */
export function inFiles(folder: string, patterns: readonly Buffer[]): Map<Buffer, string> {
  const found = new Map<Buffer, string>();
  for (const name of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(folder, name);
    let handle: number;
    try {
      if (!fs.lstatSync(file).isFile()) continue;
      handle = fs.openSync(file, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw error;
    }
    try {
      lookIn(
        file,
        overlapping((buffer, at) => fs.readSync(handle, buffer, 0, buffer.length, at), longest(patterns)),
        patterns,
        found,
      );
    } finally {
      fs.closeSync(handle);
    }
  }
  return found;
}

/** Patterns that are in the memory that a process can write, with the region. For Linux. */
export function inMemory(pid: number, patterns: readonly Buffer[]): Map<Buffer, string> {
  const found = new Map<Buffer, string>();
  const memory = fs.openSync(`/proc/${pid}/mem`, 'r');
  try {
    for (const region of fs.readFileSync(`/proc/${pid}/smaps`, 'utf8').split(/\n(?=[0-9a-f]+-[0-9a-f]+ )/)) {
      const [line = '', from = '', to = '', rights = ''] = /^([0-9a-f]+)-([0-9a-f]+) (\S+).*/.exec(region) ?? [];
      // What was reserved and never touched has nothing in it, and is most of all by far.
      const kilobytes = [...region.matchAll(/^(?:Rss|Swap): +(\d+) kB/gm)].reduce((sum, [, kb]) => sum + Number(kb), 0);
      if (!rights.startsWith('rw') || kilobytes === 0) continue;
      const [begin, end] = [BigInt(`0x${from}`), BigInt(`0x${to}`)];
      const read = (buffer: Buffer, at: number) => {
        const bytes = Math.min(buffer.length, Number(end - begin) - at);
        if (bytes <= 0) return 0;
        try {
          return fs.readSync(memory, buffer, 0, bytes, begin + BigInt(at));
        } catch {
          return 0; // given back since the list was read
        }
      };
      lookIn(line, overlapping(read, longest(patterns)), patterns, found);
    }
  } finally {
    fs.closeSync(memory);
  }
  return found;
}
