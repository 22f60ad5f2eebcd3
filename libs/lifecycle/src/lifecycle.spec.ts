import {
  JOB_END_REASONS,
  LEASE_END_FAULT,
  LEASE_END_REASONS,
  leaseEnded,
  PAYOUT_END_REASONS,
  requeuesTasks,
  TASK_END_REASONS,
} from './end-reasons.js';
import { CAPTURE, DEPOSIT, DISPUTE, HOLD, isInFlight, isPending, JOB_HOLD, PAYOUT, REFUND } from './money.js';
import { duration, type Sentences } from './reason.js';
import { assertCan, before, can, isState, type Lifecycle, states, terminal } from './table.js';
import { WAITING_REASONS, waiting } from './waiting-reasons.js';
import { isConnected, isLive, isOffering, JOB, LEASE, NODE, RESULT, TASK } from './work.js';

const TABLES = [JOB, TASK, RESULT, LEASE, NODE, HOLD, JOB_HOLD, CAPTURE, PAYOUT, DEPOSIT, REFUND, DISPUTE] as readonly Lifecycle<string>[];

test.each(TABLES.map((table) => [table.name, table] as const))('%s: every state is reached, names no other, and can end', (_, table) => {
  const reached = new Set([table.initial]);
  for (let grown = -1; grown !== reached.size; ) {
    grown = reached.size;
    for (const from of [...reached]) for (const to of table.next[from] ?? []) reached.add(to);
  }
  expect([...reached].sort()).toEqual(states(table).sort());
  const ends = new Set(states(table).filter((state) => terminal(table, state)));
  expect(ends.size).toBeGreaterThan(0);
  for (let grown = -1; grown !== ends.size; ) {
    grown = ends.size;
    for (const from of states(table)) if (table.next[from]?.some((to) => ends.has(to))) ends.add(from);
  }
  expect([...ends].sort()).toEqual(states(table).sort());
  for (const state of states(table)) {
    expect(can(table, state, state)).toBe(false);
    expect(state).toMatch(/^[A-Z_]+$/);
    expect(isState(table, state)).toBe(true);
  }
  expect(isState(table, 'toString')).toBe(false);
});

/** The allowed steps, written a second time by hand from money.md and the product's rules: a changed table must be changed twice. */
test.each<[Lifecycle<string>, string]>([
  [JOB, 'QUEUED>RUNNING QUEUED>DONE QUEUED>CANCELLED QUEUED>STOPPED RUNNING>DONE RUNNING>CANCELLED RUNNING>STOPPED'],
  [TASK, 'QUEUED>LEASED QUEUED>FAILED QUEUED>CANCELLED LEASED>DONE LEASED>FAILED LEASED>CANCELLED LEASED>QUEUED'],
  [LEASE, 'ACTIVE>DRAINING ACTIVE>ENDED DRAINING>ENDED'],
  [HOLD, 'HELD>RUNNING HELD>VOIDED RUNNING>SUBMITTED RUNNING>HELD RUNNING>VOIDED SUBMITTED>CAPTURED SUBMITTED>VOIDED'],
  [CAPTURE, 'CAPTURED>RELEASED CAPTURED>DISPUTED CAPTURED>REFUNDED CAPTURED>SPLIT DISPUTED>RELEASED DISPUTED>REFUNDED DISPUTED>SPLIT'],
  [
    PAYOUT,
    'REQUESTED>SCREENED REQUESTED>REJECTED SCREENED>TRANSFER_SENT SCREENED>REJECTED TRANSFER_SENT>TRANSFERRED TRANSFER_SENT>UNKNOWN ' +
      'TRANSFER_SENT>TRANSFER_FAILED UNKNOWN>TRANSFERRED UNKNOWN>TRANSFER_FAILED TRANSFERRED>BANK_PENDING TRANSFERRED>PAID ' +
      'TRANSFERRED>BANK_FAILED BANK_PENDING>PAID BANK_PENDING>BANK_FAILED PAID>BANK_FAILED',
  ],
  [
    DEPOSIT,
    'PENDING>OPEN PENDING>SUCCEEDED PENDING>FAILED PENDING>EXPIRED OPEN>SUCCEEDED OPEN>FAILED OPEN>EXPIRED FAILED>SUCCEEDED EXPIRED>SUCCEEDED',
  ],
  [
    REFUND,
    'REQUESTED>UNKNOWN REQUESTED>SENT REQUESTED>SUCCEEDED REQUESTED>FAILED UNKNOWN>SENT UNKNOWN>SUCCEEDED UNKNOWN>FAILED SENT>SUCCEEDED ' +
      'SENT>FAILED SUCCEEDED>FAILED',
  ],
  [DISPUTE, 'OPEN>WON OPEN>LOST'],
] as [Lifecycle<string>, string][])('the steps of %p are exactly those', (table, steps) => {
  const found = states(table).flatMap((from) => states(table).flatMap((to) => (can(table, from, to) ? [`${from}>${to}`] : [])));
  expect(found.sort()).toEqual(steps.split(' ').sort());
});

test('money that moved on never moves back', () => {
  expect(terminal(PAYOUT, 'PAID')).toBe(false);
  expect(states(PAYOUT).filter(isInFlight)).toEqual(['REQUESTED', 'SCREENED', 'TRANSFER_SENT', 'UNKNOWN']);
  expect(states(CAPTURE).filter(isPending)).toEqual(['CAPTURED', 'DISPUTED']);
  for (const state of states(PAYOUT)) if (isInFlight(state)) expect(terminal(PAYOUT, state)).toBe(false);
});

test('predicates over nodes and leases', () => {
  expect(states(NODE).filter(isConnected)).toEqual(['ONLINE', 'IDLE', 'BUSY', 'PAUSED', 'DRAINING']);
  expect(states(NODE).filter(isOffering)).toEqual(['IDLE', 'BUSY']);
  expect(states(LEASE).filter(isLive)).toEqual(['ACTIVE', 'DRAINING']);
  expect(before(TASK, 'QUEUED')).toEqual(['LEASED']);
  expect(before(LEASE, 'ENDED')).toEqual(['ACTIVE', 'DRAINING']);
});

test('a refused step says what is possible', () => {
  expect(() => assertCan(HOLD, 'HELD', 'CAPTURED')).toThrow('A hold that is HELD cannot become CAPTURED: it can become RUNNING or VOIDED.');
  expect(() => assertCan(HOLD, 'VOIDED', 'HELD')).toThrow('it is over');
  expect(() => assertCan(HOLD, 'HELD', 'RUNNING')).not.toThrow();
});

/** Facts of every name that a sentence may ask for. */
const FACTS = {
  ahead: 2,
  attempt: 1,
  attempts: 4,
  attempts_max: 3,
  budget_micro: 1n,
  cap_micro: 1_500_000n,
  debt_micro: 1n,
  nodes: 2,
  orders: 3,
  disputes: 2,
  lost: 1,
  objections: 2,
  refused: 1,
  jobs: 1,
  owners: 2,
  detail: 'unreachable.',
  exit_code: 1,
  failed: 1,
  fuel_limit: 9,
  leased: 1,
  leases: 2,
  level: 0.5,
  level_min: 0.8,
  limit_bytes: 5,
  limit_c: 40,
  node_id: 'n1',
  price_micro: 1n,
  remaining_ms: 5_000,
  short_micro: 1n,
  slots: 1,
  tasks: 2,
  temperature_c: 41,
  wall_ms_limit: 10,
  why: 'the account is closed.',
}; // prettier-ignore

test.each([
  ['waiting', WAITING_REASONS],
  ['job', JOB_END_REASONS],
  ['task', TASK_END_REASONS],
  ['lease', LEASE_END_REASONS],
  ['payout', PAYOUT_END_REASONS],
] as [string, Sentences][])('%s reasons are whole sentences with every fact filled in', (_, sentences) => {
  for (const [code, sentence] of Object.entries(sentences)) {
    expect(code).toMatch(/^[a-z][a-z_]{0,63}$/);
    const text = sentence(FACTS);
    expect(text).toMatch(/^[A-Z0-9].*\.$/);
    expect(text).not.toMatch(/undefined|NaN|\[object/);
  }
});

test('a reason carries its code and its facts', () => {
  expect(waiting('day_cap', { cap_micro: 1_500_000n })).toEqual({
    code: 'day_cap',
    sentence: "Today's spending cap of 1.50 is reached: it goes on tomorrow, or raise the cap.",
  });
  expect(waiting('in_use').sentence).toBe('Its owner is using the device.');
  expect(waiting('offering', { slots: 1 }).sentence).toBe('Offers 1 free slot.');
  expect(leaseEnded('term_over')).toEqual({ code: 'term_over', sentence: 'Its term is over.' });
});

test('after a lease ends, its tasks go on unless their job is over', () => {
  const codes = Object.keys(LEASE_END_FAULT) as (keyof typeof LEASE_END_FAULT)[];
  expect(codes.filter((code) => !requeuesTasks(code))).toEqual(['job_done', 'job_cancelled', 'job_stopped', 'developer_frozen']);
  expect(codes.sort()).toEqual(Object.keys(LEASE_END_REASONS).sort());
});

test.each([
  [0, '0 s'],
  [1, '1 s'],
  [119_000, '119 s'],
  [120_000, '2 min'],
  [7_199_000, '120 min'],
  [7_200_000, '2 h'],
  [172_800_000, '2 days'],
])('%d ms are shown as %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
