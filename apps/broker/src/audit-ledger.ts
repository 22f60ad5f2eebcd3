import { Database } from '#database';
import { INVARIANTS } from '#ledger';
import { HeapError } from '#units';
import { AuditService } from './money/audit.service.js';
import { AuditStore } from './money/audit.store.js';

/** `npm run audit:ledger`: prints each invariant it checked and exits with 1 if one is broken. */
const url = process.env.DATABASE_URL;
if (!url) {
  console.error('audit: set DATABASE_URL to the database of the heap');
  process.exit(2);
}
const database = new Database({ url, max: 2, application_name: 'open-heaps audit' });
try {
  const reports = await new AuditService(new AuditStore(database)).run();
  for (const { invariant, breaches } of reports) {
    console.log(`${breaches.length === 0 ? 'holds ' : 'BROKEN'} ${invariant.padEnd(3)} ${INVARIANTS[invariant].name}`);
    for (const { sentence } of breaches) console.log(`       ${sentence}`);
  }
  const broken = reports.filter((report) => report.breaches.length > 0).length;
  console.log(broken === 0 ? `${reports.length} invariants hold` : `${broken} of ${reports.length} invariants are broken`);
  process.exitCode = broken === 0 ? 0 : 1;
} catch (error) {
  console.error(`audit: ${error instanceof HeapError || error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
} finally {
  await database.close();
}
