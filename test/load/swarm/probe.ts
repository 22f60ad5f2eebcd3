import fs from 'node:fs';

/** Clock ticks of USER_HZ = 100 that a process has used, in ms. */
export function cpuMs(pid: number): number {
  const fields = fs
    .readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Bytes of a process in memory now. */
export const rssBytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;

export const children = (pid: number): number[] =>
  fs
    .readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => fs.readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' '))
    .filter(Boolean)
    .map(Number);

/** With all its living children: PostgreSQL has one a connection, an agent one a sandbox. */
export const treeCpuMs = (pid: number): number => {
  try {
    return cpuMs(pid) + children(pid).reduce((sum, child) => sum + treeCpuMs(child), 0);
  } catch {
    return 0; // ended meanwhile
  }
};
