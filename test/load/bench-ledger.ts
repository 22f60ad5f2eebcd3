import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { Database } from '#database';
import { capture, type JournalDraft, operatorFunds } from '#ledger';
import { AuditStore } from '../../apps/broker/src/money/audit.store.js';
import { JOURNAL_FINDINGS } from '../../apps/broker/src/money/audit-journal.store.js';
import { LedgerStore } from '../../apps/broker/src/money/ledger.store.js';
import { RebuildStore } from '../../apps/broker/src/money/rebuild.store.js';
import { CHAINED, WatchService } from '../../apps/broker/src/money/watch.service.js';
import { WatchStore } from '../../apps/broker/src/money/watch.store.js';
import { EventBus } from '../../apps/broker/src/platform/bus/event-bus.js';
import { ownPostgres } from '../ledger/postgres.js';
import { benchReport, median, percentile, spread } from './report.js';

/**
 * `npm run bench:ledger -- [--json] [--runs 3] [--seconds 5] [--batch 500] [--rebuild 1000000]`
 *
 * Settled captures into an embedded PostgreSQL with its durability on, each a journal of two legs of which one is the heap's fee account,
 * numbered and chained: in batches as settlement posts them, and singly by 32 clients, a transaction each. Beside it, in the same run and
 * on the same hot account, a two-leg transfer in bare SQL over `pg`: BEGIN, one INSERT, two UPDATEs in one order, COMMIT. Then every
 * balance, number and link of the chain is rebuilt from the journal, filled up to `--rebuild` entries, and the audit's checkpoints are made,
 * and a look at nothing new and at one batch is timed.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    runs: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    batch: { type: 'string', default: '500' },
    rebuild: { type: 'string', default: '1000000' },
  },
});
const [runs, seconds, batch, rebuild] = [values.runs, values.seconds, values.batch, values.rebuild].map((text) => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`"${text}" is not a whole number above 0`);
  return Number(text);
}) as [number, number, number, number];

const CLIENTS = 32;
const OWNERS = 1_000;
const owners = Array.from({ length: OWNERS }, () => randomUUID());
const owner = randomUUID();

const server = await ownPostgres({ shared_buffers: '512MB', max_wal_size: '4GB' });
const database = new Database({ url: server.url, max: CLIENTS, application_name: 'bench', role: 'openheaps_app' });
const bare = new pg.Pool({ connectionString: server.url, max: CLIENTS });
const store = new LedgerStore(database, new EventBus());

/** The fee of everything: two legs, from what somebody holds to the hot account. */
const settled = (i: number): JournalDraft => {
  const draft = capture({
    capture_id: randomUUID(),
    hold_id: randomUUID(),
    developer: owners[i % OWNERS] ?? '',
    owner,
    gross: 1n,
    fee_bps: 10_000n,
  });
  if (draft.entries.length !== 2) throw new Error(`${draft.entries.length} legs`);
  return draft;
};

/** Everybody who pays in the bench has something held. */
async function fund(): Promise<void> {
  const amount = 1_000_000_000n;
  const drafts = owners.map((person) => ({
    ...operatorFunds({ transfer_id: person, amount }),
    entries: [
      { account: 1030, person: null, amount },
      { account: 2010, person, amount: -amount },
    ],
  })) as JournalDraft[];
  await database.inTransaction((tx) => store.post(tx, 'USD', drafts));
  await bare.query('CREATE TABLE bare_account (id int PRIMARY KEY, balance bigint NOT NULL) WITH (fillfactor = 50)');
  await bare.query('CREATE TABLE bare_transfer (id uuid PRIMARY KEY, debit int NOT NULL, credit int NOT NULL, amount bigint NOT NULL)');
  await bare.query('INSERT INTO bare_account SELECT n, 0 FROM generate_series(0, $1) AS n', [OWNERS]);
}

/** How many a second `clients` do for the given time, and how long each took. */
async function rate(clients: number, each: number, work: (client: number) => Promise<void>): Promise<{ per_s: number; ms: number[] }> {
  const until = performance.now() + seconds * 1000;
  const started = performance.now();
  const ms: number[] = [];
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      while (performance.now() < until) {
        const before = performance.now();
        await work(client);
        ms.push(performance.now() - before);
      }
    }),
  );
  return { per_s: (ms.length * each) / ((performance.now() - started) / 1000), ms };
}

const post = (drafts: readonly JournalDraft[]) => database.inTransaction((tx) => store.post(tx, 'USD', drafts));
let turn = 0;
const postBatch = async () => void (await post(Array.from({ length: batch }, () => settled(turn++))));
const postOne = async () => void (await post([settled(turn++)]));

async function bareTransfer(): Promise<void> {
  const client = await bare.connect();
  try {
    const debit = 1 + (turn++ % OWNERS);
    await client.query('BEGIN');
    await client.query('INSERT INTO bare_transfer (id, debit, credit, amount) VALUES ($1, $2, 0, 1)', [randomUUID(), debit]);
    await client.query('UPDATE bare_account SET balance = balance + 1 WHERE id = 0');
    await client.query('UPDATE bare_account SET balance = balance - 1 WHERE id = $1', [debit]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

try {
  await fund();
  await postBatch();
  const batches: number[] = [];
  const singles: number[] = [];
  const p99: number[] = [];
  const bares: number[] = [];
  for (let run = 0; run < runs; run++) {
    batches.push((await rate(2, batch, postBatch)).per_s);
    const single = await rate(CLIENTS, 1, postOne);
    singles.push(single.per_s);
    p99.push(percentile(single.ms, 0.99));
    bares.push((await rate(CLIENTS, 1, bareTransfer)).per_s);
  }
  const count = async () => Number((await database.query<{ n: bigint }>('SELECT count(*) AS n FROM journal_entry')).rows[0]?.n);
  while ((await count()) < rebuild) for (let i = 0; i < 50; i++) await postBatch();
  const entries = await count();
  const timed = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
    const before = performance.now();
    return [await work(), performance.now() - before];
  };
  const [wrong, rebuild_ms] = await timed(() => new RebuildStore(database).differences());
  const [links, chain_ms] = await timed(() => database.query(JOURNAL_FINDINGS.I13));
  // The bench has no holds and captures beside its journals, so that I12 would miss them. The checkpoints come there by slices of a pass over everything; then a look at one batch costs what is new.
  const watch = new WatchService(new WatchStore(database), new AuditStore(database));
  const look = async () =>
    (await watch.look({ ms: 600_000 })).filter(({ invariant }) => CHAINED.includes(invariant) && invariant !== 'I12');
  const [far, pass_ms] = await timed(look);
  const [seen, idle_ms] = await timed(look);
  await postBatch();
  const [fresh, look_ms] = await timed(look);
  if (wrong.length + links.rows.length + far.length + seen.length + fresh.length > 0)
    throw new Error(
      `${wrong.length} accounts and ${links.rows.length} links differ from the journal; the audit found ${JSON.stringify([far, seen, fresh])}`,
    );
  const round = (value: number) => Math.round(value * 10) / 10;
  benchReport(
    'ledger',
    { runs, seconds, batch, clients: CLIENTS, owners: OWNERS, entries },
    {
      batch_per_s: Math.round(median(batches)),
      batch_spread: spread(batches),
      single_per_s: Math.round(median(singles)),
      single_spread: spread(singles),
      single_p99_ms: round(median(p99)),
      rebuild_per_s: Math.round(entries / (rebuild_ms / 1000)),
      rebuild_ms: Math.round(rebuild_ms),
      chain_check_ms: Math.round(chain_ms),
      audit_pass_ms: Math.round(pass_ms),
      audit_idle_ms: Math.round(idle_ms),
      audit_batch_ms: Math.round(look_ms),
    },
    values.json,
    { name: 'the same transfer in bare SQL over pg', version: 'pg', single_per_s: Math.round(median(bares)), single_spread: spread(bares) },
    Math.round((median(singles) / median(bares)) * 100) / 100,
  );
} finally {
  await database.close();
  await bare.end();
  await server.stop();
}
