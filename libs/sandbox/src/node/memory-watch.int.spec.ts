import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { residentBytes, watchMemory } from './memory-watch.js';

const MIB = 1024 * 1024;
const posix = process.platform === 'win32' ? test.skip : test;

/** A process that takes `steps` times 20 MiB, one every 20 ms, touches all of it, and says when it has it. */
const hungry = (steps: number) =>
  spawn(process.execPath, [
    '-e',
    `const all = []; const t = setInterval(() => all.length < ${steps} ? all.push(Buffer.alloc(20 << 20, 1)) : (clearInterval(t), console.log('all')), 20); process.stdin.resume()`,
  ]);

describe('watching the memory of a process', () => {
  posix('tells when it holds too much, and how much', async () => {
    const child = hungry(25);
    try {
      const bytes = await new Promise<number>((resolve) => watchMemory(child.pid as number, 300 * MIB, resolve));
      expect(bytes).toBeGreaterThan(300 * MIB);
      expect(bytes).toBeLessThan(700 * MIB);
    } finally {
      child.kill('SIGKILL');
    }
  });

  posix('says nothing of one that stays small, nor after it was stopped', async () => {
    const child = hungry(2);
    const told: number[] = [];
    const stop = watchMemory(child.pid as number, 400 * MIB, (bytes) => told.push(bytes));
    await once(child.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, 400)); // some looks of the watch
    expect(await residentBytes(child.pid as number)).toBeGreaterThan(20 * MIB);
    stop();
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(told).toEqual([]);
    expect(await residentBytes(child.pid as number)).toBeNull();
  });
});
