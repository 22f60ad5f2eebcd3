import fs from 'node:fs';

/** Clock ticks of USER_HZ = 100 that a process has used and its ended children had used, in ms. */
function ticksMs(pid: number): { own: number; ended: number } {
  const fields = fs
    .readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
    .map(Number);
  const sum = (at: number) => ((fields[at] ?? 0) + (fields[at + 1] ?? 0)) * 10;
  return { own: sum(11), ended: sum(13) };
}

/** What a process itself has used, in ms. */
export const cpuMs = (pid: number): number => ticksMs(pid).own;

/** Bytes of a process in memory now. */
export const rssBytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;

export const children = (pid: number): number[] =>
  fs
    .readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => fs.readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' '))
    .filter(Boolean)
    .map(Number);

/** With all its children, living and ended: PostgreSQL has one a connection, an agent one a sandbox. */
export const treeCpuMs = (pid: number): number => {
  try {
    const { own, ended } = ticksMs(pid);
    return own + ended + children(pid).reduce((sum, child) => sum + treeCpuMs(child), 0);
  } catch {
    return 0; // ended meanwhile
  }
};
