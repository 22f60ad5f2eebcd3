import { parseArgs } from 'node:util';
import { Database } from '#database';
import { AuditService } from './money/audit.service.js';
import { AuditStore } from './money/audit.store.js';
import { RebuildStore } from './money/rebuild.store.js';

/**
 * `npm run rebuild:ledger -- [--write]`: every balance, number and chain from the journal alone, beside what is stored, and the states of
 * holds, captures, payouts and deposits as the journal tells them. Exits with 1 when something differs; `--write` mends the accounts.
 */
const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
const url = process.env.DATABASE_URL;
if (!url) {
  console.error('rebuild: set DATABASE_URL to the database of the heap');
  process.exit(2);
}
const database = new Database({ url, max: 2, application_name: 'open-heaps rebuild' });
try {
  const store = new RebuildStore(database);
  const different = await store.differences();
  for (const a of different)
    console.log(
      `account ${a.id} (${a.code}${a.person_id ? ` of ${a.person_id}` : ''}): ${a.balance} after ${a.seq} entries, rebuilt ${a.rebuilt_balance} after ${a.rebuilt_seq}${a.head_differs ? ', another head' : ''}`,
    );
  if (values.write && different.length > 0) console.log(`${await store.write()} accounts written from the journal`);
  const states = (await new AuditService(new AuditStore(database)).run()).filter((r) => r.invariant === 'I12' || r.invariant === 'I23');
  const breaches = states.flatMap((report) => report.breaches);
  for (const { sentence } of breaches) console.log(sentence);
  const left = values.write ? (await store.differences()).length : different.length;
  console.log(left + breaches.length === 0 ? 'the journal gives what is stored' : `${left} accounts and ${breaches.length} states differ`);
  process.exitCode = left + breaches.length === 0 ? 0 : 1;
} catch (error) {
  console.error(`rebuild: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
} finally {
  await database.close();
}
