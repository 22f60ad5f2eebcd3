import { setImmediate as turn } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { WebSocket } from 'ws';
import { type Body, decodeFrame, FROM_BROKER } from '#protocol';
import type { LeaseGrant } from '../leases/leases.query.js';
import type { OrdersCommands } from '../orders/orders.commands.js';
import type { HeapKey } from '../platform/heap-key.js';
import type { CheckClaims } from '../verification/check-claims.commands.js';
import type { ClusterShares } from '../verification/cluster-shares.query.js';
import type { VerificationCommands } from '../verification/verification.commands.js';
import { Claims } from './claims.service.js';
import type { Claimed, ClaimedTask, DispatchStore } from './dispatch.store.js';
import { Feeder } from './feeder.service.js';
import { LateTasks } from './late-tasks.service.js';
import { LiveLease } from './live-lease.js';
import { NodeSession } from './node-session.js';
import type { TwinsStore } from './twins.store.js';

Logger.overrideLogger(false);

const task = (index: number): ClaimedTask => ({ index, epoch: 1, input: Buffer.from('in'), input_hash: null, input_bytes: 2 });

/** A database that takes the claim in and loses the connection before it answers, once. */
class ForgetfulStore {
  private readonly out: ClaimedTask[] = [];
  private next = 0;
  broken = true;
  claims = 0;

  claim(_lease: string, _job: string, limit: number): Promise<Claimed> {
    this.claims += 1;
    const claimed = Array.from({ length: limit }, () => task(this.next++));
    this.out.push(...claimed);
    if (!this.broken) return Promise.resolve({ tasks: claimed, queued: 0 });
    this.broken = false;
    return Promise.reject(new Error('Connection terminated unexpectedly'));
  }

  outstanding(): Promise<ClaimedTask[]> {
    return Promise.resolve(this.out);
  }
}

function setUp() {
  const frames: string[] = [];
  const socket = { readyState: 1, OPEN: 1, send: (text: string) => frames.push(text) } as unknown as WebSocket;
  const session = new NodeSession(socket, {} as never, 1, 0);
  const grant = { id: '0198c0de-0000-7000-8000-000000000001', job_id: 'job', epoch: 1, state: 'ACTIVE', remaining_ms: 1_000 };
  const lease = new LiveLease(grant as LeaseGrant, 0);
  const orders = { stopIfBudgetExhausted: () => Promise.resolve(false) } as unknown as OrdersCommands;
  const store = new ForgetfulStore();
  const twins = {
    outstanding: () => Promise.resolve([]),
    claim: () => Promise.resolve([]),
    anyLate: () => Promise.resolve(false),
  } as unknown as TwinsStore;
  const database = store as unknown as DispatchStore;
  const unchecked = { claim: () => Promise.resolve([]) } as unknown as CheckClaims;
  const checks = { outstanding: () => Promise.resolve([]) } as unknown as VerificationCommands;
  const claims = new Claims(database);
  const shares = { room: () => Promise.resolve(Number.POSITIVE_INFINITY), took: () => undefined } as unknown as ClusterShares;
  const feeder = new Feeder(database, claims, twins, new LateTasks(twins), unchecked, checks, shares, orders, {} as HeapKey);
  const sent = () =>
    frames
      .flatMap((text) => decodeFrame(text, FROM_BROKER))
      .flatMap((message) => (message.t === 'tasks' ? (message.b as Body<'tasks'>).tasks.map(({ index }) => index) : []));
  return { session, lease, store, feeder, sent };
}

/** As if so long had passed since the claim failed. */
const pause = (lease: LiveLease) => {
  lease.claim_failed_ms -= 550;
};
const settled = async () => {
  for (let i = 0; i < 5; i++) await turn();
};

test('tasks of a claim that happened although it failed are sent by a later turn, which comes after a pause', async () => {
  const { session, lease, store, feeder, sent } = setUp();
  for (let i = 0; i < 10; i++) {
    feeder.feed(session, lease);
    await settled();
    // However long that took.
    lease.claim_failed_ms = performance.now();
  }
  expect(sent()).toEqual([]);
  expect(store.claims).toBe(1);
  pause(lease);
  feeder.feed(session, lease);
  await settled();
  expect(sent()).toEqual([0, 1]);
  expect([...lease.outstanding]).toEqual([
    [0, 1],
    [1, 1],
  ]);
});

test('a draining lease sends what such a claim took, and takes no more', async () => {
  const { session, lease, feeder, sent } = setUp();
  feeder.feed(session, lease);
  await settled();
  lease.draining = true;
  pause(lease);
  feeder.feed(session, lease);
  await settled();
  feeder.feed(session, lease);
  await settled();
  expect(sent()).toEqual([0, 1]);
});
