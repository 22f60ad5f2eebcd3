import { fork } from 'node:child_process';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { Database } from '#database';
import { JOURNAL_FINDINGS } from '../../apps/broker/src/money/audit-journal.store.js';
import { runModel } from './model-commands.js';
import { ownPostgres } from './postgres.js';

/**
 * `npm run test:soak -- [--operations 1000000] [--seeds 1000] [--first 1] [--processes 2]`: the ledger against its model until both are
 * reached, each process on a database of its own, then the journal's invariants over everything that was written. Prints a JSON line at
 * the end, also after Ctrl-C. Exits with 1 at the first difference.
 */
const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '1000000' },
    seeds: { type: 'string', default: '1000' },
    first: { type: 'string', default: '1' },
    processes: { type: 'string', default: String(Math.min(4, os.availableParallelism())) },
  },
});
const whole = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`"${text}" is not a whole number`);
  return Number(text);
};

/** Runs in a process at a time: while one waits for the database, another computes. */
const AT_ONCE = 4;
type Message = { seed: number; operations: number } | { violation: string } | { finished: true };

/** One process: every `processes`-th seed on its own database, until the parent says stop. */
async function worker(url: string, first: number, stride: number): Promise<void> {
  const database = new Database({ url, max: AT_ONCE * 5, application_name: 'soak', role: 'openheaps_app' });
  const tell = (message: Message) => process.send?.(message);
  let stopped = false;
  process.on('message', () => {
    stopped = true;
  });
  // Ctrl-C reaches the whole group: the parent decides.
  process.on('SIGINT', () => {});
  process.on('disconnect', () => process.exit(1));
  let next = first;
  const work = async () => {
    while (!stopped) {
      const seed = next;
      next += stride;
      try {
        tell({ seed, operations: await runModel(database, seed, 60, 250) });
      } catch (error) {
        stopped = true;
        tell({ violation: `seed ${seed}: ${error instanceof Error ? error.message : String(error)}` });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  for (const [invariant, sql] of Object.entries(JOURNAL_FINDINGS))
    for (const row of (await database.query(sql)).rows.slice(0, 5)) tell({ violation: `${invariant} ${row.subject}: ${row.detail}` });
  await database.close();
  process.send?.({ finished: true } satisfies Message, () => process.disconnect());
}

async function parent(): Promise<void> {
  const [operations_min, seeds_min, first, processes] = [values.operations, values.seeds, values.first, values.processes].map(whole) as [
    number,
    number,
    number,
    number,
  ];
  const server = await ownPostgres({
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    shared_buffers: '256MB',
    max_wal_size: '4GB',
  });
  const started_ms = performance.now();
  const seconds = () => (performance.now() - started_ms) / 1000;
  let [operations, seeds, violations, interrupted] = [0, 0, 0, false];
  const admin = new pg.Client({ connectionString: server.url.replace(/heap$/, 'postgres') });
  await admin.connect();
  const urls: string[] = [];
  for (let i = 0; i < processes; i++) {
    await admin.query(`CREATE DATABASE soak_${i} TEMPLATE heap`);
    urls.push(server.url.replace(/heap$/, `soak_${i}`));
  }
  await admin.end();
  const children = urls.map((url, i) =>
    fork(fileURLToPath(import.meta.url), [], { env: { ...process.env, SOAK_WORKER: JSON.stringify([url, first + i, processes]) } }),
  );
  const stop = () => {
    for (const child of children) if (child.connected) child.send('stop');
  };
  process.on('SIGINT', () => {
    interrupted = true;
    stop();
  });
  const progress = () =>
    `${seeds} seeds, ${operations} operations, ${violations} violations, ${Math.round(seconds())} s, ${Math.round(operations / seconds())} a second`;
  const line = setInterval(() => console.error(`soak: ${progress()}`), 10_000);
  await Promise.all(
    children.map(
      (child) =>
        new Promise<void>((resolve) => {
          let finished = false;
          child.on('message', (message: Message) => {
            if ('finished' in message) finished = true;
            else if ('violation' in message) {
              violations += 1;
              console.error(`soak: ${message.violation}`);
              stop();
            } else {
              seeds += 1;
              operations += message.operations;
              if (operations >= operations_min && seeds >= seeds_min) stop();
            }
          });
          child.on('exit', (code, signal) => {
            if (!finished) {
              violations += 1;
              console.error(`soak: a process ended with ${signal ?? code}`);
              stop();
            }
            resolve();
          });
        }),
    ),
  );
  clearInterval(line);
  const lasted_s = seconds();
  console.log(
    JSON.stringify({
      operations,
      seeds,
      violations,
      ops_per_s: Math.round(operations / lasted_s),
      seconds: Math.round(lasted_s),
      processes,
      interrupted,
    }),
  );
  await server.stop();
  process.exitCode = violations > 0 || (!interrupted && (operations < operations_min || seeds < seeds_min)) ? 1 : interrupted ? 130 : 0;
}

if (process.env.SOAK_WORKER) await worker(...(JSON.parse(process.env.SOAK_WORKER) as [string, number, number]));
else await parent();
