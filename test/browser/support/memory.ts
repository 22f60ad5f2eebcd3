import { readdirSync, readFileSync } from 'node:fs';

/** What a process holds, memory it shares counted in proportion; 0 when it has ended. */
export function pssBytes(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) * 1024;
}

/** All processes that descend from one. */
export function descendants(pid: number): number[] {
  const parents = new Map(pids().map((child) => [child, Number(/\) \S (\d+)/.exec(read(`/proc/${child}/stat`))?.[1] ?? 0)]));
  const found = [pid];
  for (const parent of found) for (const [child, of] of parents) if (of === parent) found.push(child);
  return found.slice(1);
}

const pids = () => readdirSync('/proc').map(Number).filter(Boolean);

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // it has ended since
  }
}
