// A worker that a test ends with kill -9: it drains and applies, and holds and captures money as fast as it can.
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { createApp } from '../../apps/broker/src/app.js';
import { MoneyService } from '../../apps/broker/src/money/money.service.js';
import { PayoutSchedule } from '../../apps/broker/src/payouts/payout-schedule.service.js';
import { loadConfig } from '../../apps/broker/src/platform/config/config.js';
import { Transactions } from '../../apps/broker/src/platform/database/transactions.js';
import { Inbox } from '../../apps/broker/src/platform/inbox/inbox.service.js';
import { Outbox } from '../../apps/broker/src/platform/outbox/outbox.service.js';

const [developer_id = '', owner_id = ''] = process.argv.slice(2);
const app = await createApp(loadConfig());
await app.init();
const [money, transactions] = [app.get(MoneyService), app.get(Transactions)];
console.log('ready');
for (;;) {
  await transactions.run(async (tx) => {
    const [job_id, lease_id] = [randomUUID(), randomUUID()];
    const hold_id = await money.takeHold(tx, { job_id, developer: developer_id, amount: 10_000n });
    await money.capture(tx, [{ hold_id, job_id, lease_id, developer_id, owner_id, gross: 7_000n, charged_before: 0n, tasks: 1, fuel: 1n }]);
    await money.resolveHold(tx, job_id);
  });
  await app.get(Inbox).applyWaiting();
  await app.get(Outbox).drain();
  await app.get(PayoutSchedule).tend();
}
