import { parseArgs } from 'node:util';
import { Database } from '#database';
import { JOURNAL_FINDINGS } from '../../apps/broker/src/money/audit-journal.store.js';
import { runModel } from './model-commands.js';
import { ownPostgres } from './postgres.js';

/**
 * `npm run test:soak -- [--operations 1000000] [--seeds 1000] [--first 1]`: the ledger against its model until both are reached, then the
 * journal's invariants over everything that was written. Exits with 1 at the first difference.
 */
const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '1000000' },
    seeds: { type: 'string', default: '1000' },
    first: { type: 'string', default: '1' },
  },
});
const [operations_min, seeds_min, first] = [values.operations, values.seeds, values.first].map((text) => {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`"${text}" is not a whole number`);
  return Number(text);
}) as [number, number, number];

const AT_ONCE = 4;
const server = await ownPostgres({ fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', shared_buffers: '512MB' });
const database = new Database({ url: server.url, max: AT_ONCE * 5, application_name: 'soak', role: 'openheaps_app' });
const started_ms = performance.now();
let [seed, operations, done] = [first, 0, 0];
try {
  const work = async () => {
    while (operations < operations_min || done < seeds_min) {
      operations += await runModel(database, seed++, 60, 250);
      done += 1;
      if (done % 50 === 0)
        console.log(`soak: ${done} seeds, ${operations} operations, ${Math.round((performance.now() - started_ms) / 1000)} s`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const lasted_s = (performance.now() - started_ms) / 1000;
  let breaches = 0;
  for (const [invariant, sql] of Object.entries(JOURNAL_FINDINGS)) {
    const { rows } = await database.query(sql);
    for (const row of rows.slice(0, 5)) console.error(`soak: ${invariant} ${row.subject}: ${row.detail}`);
    breaches += rows.length;
  }
  console.log(
    `soak: ${done} seeds, ${operations} operations in ${lasted_s.toFixed(0)} s, ${Math.round(operations / lasted_s)} a second, ${breaches} violations`,
  );
  process.exitCode = breaches > 0 || operations < operations_min ? 1 : 0;
} finally {
  await database.close();
  await server.stop();
}
