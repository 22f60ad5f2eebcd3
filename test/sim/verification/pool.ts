import { Worker } from 'node:worker_threads';
import type { Row, Run } from './grid.js';

/** Runs all on so many threads; the rows come in the order of the runs. */
export async function inThreads(runs: readonly Run[], threads: number, done: (count: number) => void): Promise<Row[]> {
  const rows: Row[] = new Array(runs.length);
  let next = 0;
  let finished = 0;
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./worker.js', import.meta.url));
      let at = -1;
      const give = (): void => {
        at = next++;
        if (at < runs.length) worker.postMessage(runs[at]);
        else void worker.terminate().then(() => resolve(), reject);
      };
      worker.on('message', (row: Row) => {
        rows[at] = row;
        done(++finished);
        give();
      });
      worker.on('error', reject);
      give();
    });
  await Promise.all(Array.from({ length: threads }, one));
  return rows;
}
