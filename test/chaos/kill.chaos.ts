// @own-machine: it kills by the clock.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Heap } from '#sdk';
import { call, signUp } from '../support/api.js';
import { readBooks } from './books.js';
import { Chance } from './chance.js';
import { Gate } from './gate.js';
import { type LocalHeap, ROOT, startLocalHeap } from './local-heap.js';
import { TARGETS, Targets } from './targets.js';
import { until } from './until.js';

/** Of each kind of process, so many; `npm run test:kill-processes` has 10. */
const KILLS_EACH = Number(process.env.CHAOS_KILLS ?? 3);
/** Some ten milliseconds of a core each. */
const STEPS = 15_000;
const KILLS = TARGETS.length * KILLS_EACH;
/** So many shares of the job are there to be worked on when a kill comes; each kill lets out one more. */
const SHARES_AT_HAND = 6;
const SHARE = 40;
const TASKS = SHARE * (KILLS + SHARES_AT_HAND);
/** Of the kills, so many come right after the one before, so that several processes are down at once. */
const IN_A_ROW = 0.3;
const IN_A_ROW_MS = 600;
/** Without a result for so long the job is stuck, whatever the reason. */
const STUCK_MS = 90_000;
const TIMEOUT_MS = 120_000 + KILLS * 8_000;
/** The owner's are what a new heap at one's own machine comes with. */
const FUNDS_MICRO = { owner: 100_000_000, buyer: 100_000_000 };
/** Set CHAOS_SEED to see a run again. Its kills come at the same results of the job in the same order; processes keep their own pace. */
const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 1e9));

/** The task. Runs here too, to know what it has to answer. */
function digest({ number, steps }: { number: number; steps: number }): { number: number; value: number } {
  let value = number >>> 0;
  for (let i = 0; i < steps; i++) value = (Math.imul(value ^ (value >>> 15), 2_246_822_519) + i) >>> 0;
  return { number, value };
}

/** Somebody else than the owner: work for oneself earns nothing that stays with the owner. */
async function buyer(url: string): Promise<Heap> {
  const { token } = await signUp(url, 'Bea');
  const { body } = await call(url, 'POST', '/v1/api-keys', { token, body: { name: 'chaos' } });
  const heap = new Heap({ url, apiKey: body.secret });
  await heap.deposit(BigInt(FUNDS_MICRO.buyer));
  return heap;
}

let local: LocalHeap | undefined;
afterEach(async () => {
  await local?.stop();
});

/*
 * PostgreSQL runs with its own, safe settings here. Killing its postmaster takes the database through crash recovery, but not through
 * a loss of power: what it wrote outlives it in the kernel's cache, so that this test says nothing about disks.
 */
test(
  `${KILLS} processes killed at random during a job lose and double nothing`,
  async () => {
    const began_ms = performance.now();
    const at = () => `${((performance.now() - began_ms) / 1_000).toFixed(1).padStart(6)} s`;
    // At once, past Jest, which holds a test's console back until its end: a run that hangs tells where.
    const note = (line: string) => void process.stderr.write(`${at()}  ${line}\n`);
    note(`CHAOS_SEED=${seed}`);
    const chance = new Chance(seed);
    // What is earned is the owner's a second later, if the queue that releases it has survived.
    const env = { HEAP_HOLDBACK_SECONDS: '1' };
    local = await startLocalHeap({ agents: 2, env, agent_env: { HEAP_AGENT_SLOTS: '2' }, log: note });
    const targets = new Targets(local, new Heap({ url: local.url, apiKey: local.api_key }), chance);
    const heap = await buyer(local.url);
    note('the heap is up');

    const inputs = Array.from({ length: TASKS }, (_, number) => ({ number, steps: STEPS }));
    // A task whose sandbox is killed is tried again, which is what the test wants of it however often it is hit.
    const gate = new Gate(inputs);
    gate.openTo(SHARES_AT_HAND * SHARE);
    const run = heap.map(digest, gate, {
      verification: 'L0',
      budget: '50.00',
      slots: 4,
      maxAttempts: 10,
      onTaskError: 'yield',
      name: 'chaos',
    });
    const seen: { seq: number; index: number; value: unknown; error: unknown; cost: bigint }[] = [];

    const killing = (async () => {
      const order = chance.shuffled(TARGETS.flatMap((target) => Array.from({ length: KILLS_EACH }, () => target)));
      for (const [i, target] of order.entries()) {
        const place = Math.floor((i + chance.next()) * SHARE);
        if (i > 0 && chance.next() < IN_A_ROW) await sleep(chance.below(IN_A_ROW_MS));
        else await until(`result ${place} of the job`, STUCK_MS, () => seen.length > place || undefined);
        const pid = await targets.kill(target);
        note(`killed ${target} (${pid}) at ${seen.length} results`);
        // The last input waits for the last kill, so that the job does too.
        gate.openTo(Math.min(TASKS - 1, (i + 1 + SHARES_AT_HAND) * SHARE));
      }
      note('the last kill');
      gate.openTo(TASKS);
    })();

    const reading = (async () => {
      for await (const { seq, index, value, error, cost } of run) seen.push({ seq, index, value, error, cost });
      note('the job is done');
    })();

    try {
      await Promise.all([killing, reading]);
      const job = await run.job;
      expect(await job.get()).toMatchObject({ state: 'DONE', tasks: { total: TASKS, done: TASKS, failed: 0 } });

      // Each task once, in a gapless order, with the right answer.
      expect(seen.map(({ seq }) => seq)).toEqual(inputs.map((_, i) => i + 1));
      const answers = [...seen].sort((a, b) => a.index - b.index);
      expect(answers.map(({ index }) => index)).toEqual(inputs.map((_, i) => i));
      expect(answers.filter(({ error }) => error !== null)).toEqual([]);
      expect(answers.map(({ value }) => value)).toEqual(inputs.map(digest));

      await targets.allUp();
      const { database_url } = local;
      const books = await until('the end of the leases and the release of what was earned', 60_000, async () => {
        const now = await readBooks(database_url, job.id);
        return now.open_leases === 0 && now.unreleased === 0 ? now : undefined;
      });
      expect(books.job).toEqual({
        state: 'DONE',
        total: TASKS,
        queued: 0,
        leased: 0,
        done: TASKS,
        failed: 0,
        settled_seq: TASKS,
        reserved: 0,
      });
      expect(books.tasks).toEqual({ DONE: TASKS });
      expect(books.accepted).toEqual({ attempts: TASKS, tasks: TASKS, seq_min: 1, seq_max: TASKS, seqs: TASKS });

      // Every micro-unit that left the developer is the owner's or the fee, and is explained task by task and lease by lease.
      const charged = Number(seen.reduce((sum, { cost }) => sum + cost, 0n));
      expect(charged).toBeGreaterThan(0);
      expect(books.charged).toEqual({ job: charged, attempts: charged, leases: charged, captures: charged });
      expect(books.hold).toEqual({ state: 'RESOLVED', amount: 50_000_000, captured: charged, returned: 50_000_000 - charged });
      expect(books.ledger).toEqual({
        available: FUNDS_MICRO.owner + FUNDS_MICRO.buyer - charged,
        held: 0,
        owner: charged - books.ledger.fees,
        fees: books.ledger.fees,
      });
      const receipt = await job.receipt();
      expect(receipt).toMatchObject({ charged_micro: BigInt(charged), fee_micro: BigInt(books.ledger.fees), tasks_charged: TASKS });
      expect(receipt.lines.reduce((sum, { charge_micro }) => sum + charge_micro, 0n)).toBe(BigInt(charged));

      const audit = await promisify(execFile)(process.execPath, [path.join(ROOT, 'dist/apps/broker/src/audit-ledger.js')], {
        env: { ...process.env, DATABASE_URL: database_url },
      });
      expect(audit.stdout).toMatch(/\d+ invariants hold/);
      note('everything adds up');
      await local.stop();
      fs.rmSync(local.data_dir, { recursive: true, force: true });
      local = undefined;
    } catch (error) {
      note(`failed at ${seen.length} results; the logs are in ${local?.data_dir}/logs`);
      throw error;
    }
  },
  TIMEOUT_MS,
);
