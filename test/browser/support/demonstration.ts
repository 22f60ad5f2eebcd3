import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { NO_RULES } from '#protocol';
import type { TestBroker, TestPerson } from '../../support/broker.js';
import { FakeNode, type FakeSession, resultOf } from '../../support/fake-node.js';
import { echoModule, inline, placed } from '../../support/orders.js';
import { PieceKeeper } from '../../support/piece-keeper.js';
import { volumeOf, volumeView } from '../../support/volumes.js';
import { type CheckedJobs, checkedJobs } from './checked-jobs.js';

/** A heap with something on every page: made by its public interface, and by scripted devices. */
export interface Demonstration extends Omit<CheckedJobs, 'sessions'> {
  owner: TestPerson;
  developer: TestPerson;
  admin: TestPerson;
  /** A device that is online and has earned. */
  node_id: string;
  /** A job that is done. */
  job_id: string;
  /** A round in which the job's slots were sold. */
  round_id: string;
  /** A volume that keeps a file. */
  volume_id: string;
  /** A device of the owner that keeps pieces of it. */
  keeper_id: string;
  close(): Promise<void>;
}

const DEVICES = [
  ['Phone in the drawer', 'phone', 40_000n],
  ['Kitchen tablet', 'netbook', 45_000n],
  ['Old laptop', 'laptop', 60_000n],
  ['Living-room console', 'console', 80_000n],
  ['Board behind the router', 'board', 30_000n],
] as const;
const JOBS = [
  ['Thumbnails of the summer', 10, 2],
  ['Word counts', 6, 3],
  ['Parameter sweep', 20, 5],
] as const;
const GIVEN_BACK_MS = [38, 61, 24, 210, 45];
/** Devices that keep pieces, each of another owner. */
const KEEPERS = 10;
const BUDGET_MICRO = '10000000';
const LOOK_MS = 50;
/** Less than the broker waits before it says that a device is away. */
const HEARTBEAT_MS = 4_000;
const HEARTBEAT = { running: 0, battery: 0.84, charging: true, temperature_c: 31, load: 0.2, metered: false };
const PAYOUT_MICRO = '1000000';
const PAYOUT_LOOK_MS = 500;
/** Above every device's price, so that the dearest is used as well. */
const MAX_PRICE_MICRO = '2000000';

export async function demonstration(broker: TestBroker): Promise<Demonstration> {
  const admin = await broker.person({ name: 'Ada', roles: ['admin', 'owner', 'developer'] });
  const owner = await broker.person({ name: 'Olga', roles: ['owner'], funds_micro: 0n });
  const developer = await broker.person({ name: 'Devi', roles: ['developer'], funds_micro: 50_000_000n });
  const sessions: FakeSession[] = [];
  const node_ids: string[] = [];
  for (const [name, kind, price_micro] of DEVICES) {
    const node = await FakeNode.enrol(broker, owner, { name, kind });
    node_ids.push(node.node_id);
    const session = await node.online({ price_micro, script: (task) => resultOf(task, task.input ?? '') });
    sessions.push(session);
    session.send('owner', {
      rules: { version: 0, origin: 'device', rules: NO_RULES, since_ms: 3_600_000 },
      own_rules_only: false,
      hold: null,
    });
    session.send('hb', HEARTBEAT);
    for (const [i, took_ms] of GIVEN_BACK_MS.entries())
      session.send('given', {
        reason: { code: 'in_use', sentence: 'The device was used 0 s ago.' },
        took_ms,
        leases: 1,
        ago_ms: (i + 1) * 7_200_000,
      });
  }
  const beating = setInterval(() => {
    for (const session of sessions) if (session.socket.readyState === session.socket.OPEN) session.send('hb', HEARTBEAT);
  }, HEARTBEAT_MS);
  const module_hash = await echoModule(broker, developer);
  const jobs: string[] = [];
  for (const [name, tasks, slots] of JOBS) {
    const inputs = Array.from({ length: tasks }, (_, i) => inline(`${name} ${i + 1}`));
    const bounds = { slots, max_price_micro: MAX_PRICE_MICRO, budget_micro: BUDGET_MICRO };
    const { id } = await placed(developer, module_hash, { name, inputs, ...bounds });
    jobs.push(id);
    while ((await developer.call('GET', `/v1/jobs/${id}`)).body.finished_at === null) await sleep(LOOK_MS);
  }
  await paidOut(owner);
  // One that waits, and says why: nobody is that cheap.
  await placed(developer, module_hash, { name: 'For next to nothing', inputs: [inline('patience')], max_price_micro: '1' });
  const keepers = await Promise.all(
    Array.from({ length: KEEPERS }, (_, i) => PieceKeeper.join(broker, i === 0 ? { owner, name: 'Shelf with a disk' } : {})),
  );
  sessions.push(...keepers.map(({ session }) => session));
  const [volume_id, { sessions: checked, ...checked_jobs }] = await Promise.all([
    keeping(developer),
    checkedJobs(broker, { owner, developer, admin }),
  ]);
  sessions.push(...checked);
  for (const keeper of keepers) keeper.say();
  const { body: cleared } = await developer.call('GET', '/v1/markets/work:micro/round-heads');
  return {
    owner,
    developer,
    admin,
    node_id: node_ids[0] ?? '',
    job_id: jobs[0] ?? '',
    round_id: cleared.rounds[0].id,
    volume_id,
    keeper_id: keepers[0]?.id ?? '',
    ...checked_jobs,
    close: async () => {
      clearInterval(beating);
      for (const session of sessions) await session.vanish();
    },
  };
}

/** A file in a volume of the cheapest class, and one that waits for devices that nobody has. */
async function keeping(developer: TestPerson): Promise<string> {
  const id = await volumeOf(developer, { name: 'Photographs' });
  while ((await volumeView(developer, id)).state !== 'READY') await sleep(LOOK_MS);
  await developer.heap.put(Buffer.alloc(300_000, 'a picture '), { volume: id });
  await volumeOf(developer, { name: 'Archive', class: 'cold', gigabytes: 1, hours: 24 });
  return id;
}

/** Earnings are held for two seconds where payments are simulated, and are then paid as often as is asked. */
async function paidOut(owner: TestPerson): Promise<void> {
  const body = { amount_micro: PAYOUT_MICRO, password: owner.password };
  while ((await owner.call('POST', '/v1/payouts', body, { 'idempotency-key': randomUUID() })).status !== 201) await sleep(PAYOUT_LOOK_MS);
}
