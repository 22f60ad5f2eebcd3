import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Often enough that a process which fills memory as fast as it can holds a few hundred megabytes too much for a moment. */
const LOOK_MS = process.platform === 'linux' ? 100 : 1000;

/** Bytes of a process that are in memory now; null where that cannot be told. */
export async function residentBytes(pid: number): Promise<number | null> {
  if (process.platform === 'win32') return null;
  try {
    if (process.platform !== 'linux') return await byPs(pid);
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? null : Number(kib) * 1024;
  } catch {
    return null; // already gone
  }
}

const byPs = (pid: number) =>
  new Promise<number | null>((resolve) => {
    execFile('/bin/ps', ['-o', 'rss=', '-p', String(pid)], { timeout: LOOK_MS }, (error, stdout) => {
      const kib = Number.parseInt(stdout, 10);
      resolve(error || Number.isNaN(kib) ? null : kib * 1024);
    });
  });

/** Calls `exceeded` once when the process holds more than that. Answers how to stop watching. */
export function watchMemory(pid: number, bytes_max: number, exceeded: (bytes: number) => void): () => void {
  let timer: NodeJS.Timeout;
  let stopped = false;
  const look = async () => {
    const bytes = await residentBytes(pid);
    if (stopped) return;
    if (bytes !== null && bytes > bytes_max) exceeded(bytes);
    else again();
  };
  const again = () => {
    timer = setTimeout(() => void look(), LOOK_MS).unref();
  };
  again();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
