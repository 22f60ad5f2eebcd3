import fc from 'fast-check';
import { capture } from '#ledger';
import { charge, FUEL_PER_PRICE_UNIT, fee } from '#units';
import { type SettledTask, settle } from './group-commit.js';
import type { LockedLease } from './results.store.js';

const JOBS = 3;
const LEASES = 5;
const FEE_BPS = 1_000n;
const lease = (n: number, price_micro: bigint): LockedLease => ({
  id: `lease-${n}`,
  node_id: `node-${n}`,
  owner_id: `owner-${n % 2}`,
  job_id: `job-${n % JOBS}`,
  slot_class: 'interactive' as LockedLease['slot_class'],
  level: 'L1',
  own_verifier: false,
  epoch: 1,
  price_micro,
  task_max_micro: 10n,
  fuel_charged: 0n,
  charged_micro: 0n,
  fuel_limit: 1n << 60n,
  output_bytes_limit: 1,
  max_attempts: 3,
  developer_id: 'developer',
  hold_id: `hold-${n % JOBS}`,
});
const sum = (amounts: Iterable<bigint>): bigint => [...amounts].reduce((a, b) => a + b, 0n);

/** Tasks of several leases and jobs, mostly far below a micro-unit, and where the groups are cut. */
const work = fc.record({
  prices: fc.array(fc.bigInt({ min: 1n, max: 90_000_000n }), { minLength: LEASES, maxLength: LEASES }),
  tasks: fc.array(
    fc.record({ lease: fc.nat(LEASES - 1), fuel: fc.oneof(fc.bigInt(0n, 50_000n), fc.bigInt(0n, 90_000_000_000n)), paid: fc.boolean() }),
    {
      minLength: 1,
      maxLength: 60,
    },
  ),
  cuts: fc.array(fc.nat(60), { maxLength: 12 }),
});

interface Totals {
  tasks: bigint[];
  leases: Map<string, bigint>;
  jobs: Map<string, bigint>;
  captures: { gross: bigint; fee: bigint; net: bigint; lease_id: string }[];
}

/** Settles group after group as `results` does: each finds on the lease what the ones before charged. */
function run({
  prices,
  tasks,
  cuts,
}: {
  prices: bigint[];
  tasks: { lease: number; fuel: bigint; paid: boolean }[];
  cuts: number[];
}): Totals {
  const leases = prices.map((price, n) => lease(n, price));
  const totals: Totals = { tasks: [], leases: new Map(), jobs: new Map(), captures: [] };
  const ends = [...new Set([...cuts.filter((cut) => cut > 0 && cut < tasks.length), tasks.length])].sort((a, b) => a - b);
  let from = 0;
  for (const end of ends) {
    const group = tasks.slice(from, end).map(({ lease: n, fuel, paid }): SettledTask => {
      const of = leases[n] as LockedLease;
      return { lease: of, state: 'DONE', fuel_billed: paid ? fuel : undefined, attempt: { job_id: of.job_id } as SettledTask['attempt'] };
    });
    from = end;
    const settled = settle(group);
    totals.tasks.push(...settled.attempts.map((a) => a.charge_micro));
    for (const job of settled.jobs) totals.jobs.set(job.job_id, (totals.jobs.get(job.job_id) ?? 0n) + job.charged_micro);
    for (const request of settled.captures) {
      const step = {
        capture_id: 'c',
        hold_id: request.hold_id,
        developer: 'd',
        owner: 'o',
        gross: request.gross,
        charged_before: request.charged_before,
      };
      const { parts } = request.gross > 0n ? capture({ ...step, fee_bps: FEE_BPS }) : { parts: { fee: 0n, net: 0n } };
      totals.captures.push({ gross: request.gross, fee: parts.fee, net: parts.net, lease_id: request.lease_id });
    }
    for (const row of settled.leases) {
      const at = leases.findIndex(({ id }) => id === row.id);
      const of = leases[at] as LockedLease;
      leases[at] = { ...of, fuel_charged: of.fuel_charged + row.fuel, charged_micro: of.charged_micro + row.charged_micro };
      totals.leases.set(row.id, (leases[at] as LockedLease).charged_micro);
    }
  }
  return totals;
}

const settings = { seed: 20_261_129, numRuns: 300 };

test('tasks, leases, jobs and the day cost the same to the micro-unit, however the work is cut into groups', () => {
  fc.assert(
    fc.property(work, (given) => {
      const cut = run(given);
      const day = sum(cut.tasks);
      expect(sum(cut.leases.values())).toBe(day);
      expect(sum(cut.jobs.values())).toBe(day);
      expect(sum(cut.captures.map((c) => c.gross))).toBe(day);
      expect(cut.tasks.every((amount) => amount >= 0n)).toBe(true);
      const whole = run({ ...given, cuts: [] });
      expect(cut.tasks).toEqual(whole.tasks);
      expect(cut.leases).toEqual(whole.leases);
    }),
    settings,
  );
});

test('a lease is charged for all of its fuel at once, and the fee is taken from that, whatever the captures', () => {
  fc.assert(
    fc.property(work, (given) => {
      const { leases, captures } = run(given);
      for (const [n, price] of given.prices.entries()) {
        const id = `lease-${n}`;
        const fuel = sum(given.tasks.filter((t) => t.lease === n && t.paid).map((t) => t.fuel));
        const charged = charge(fuel, price, FUEL_PER_PRICE_UNIT);
        expect(leases.get(id) ?? 0n).toBe(charged);
        const own = captures.filter((c) => c.lease_id === id);
        expect(sum(own.map((c) => c.fee))).toBe(fee(charged, FEE_BPS));
        expect(sum(own.map((c) => c.net))).toBe(charged - fee(charged, FEE_BPS));
      }
    }),
    settings,
  );
});

test('the tasks that a group settles take the places of each job in turn, and those that go back take none', () => {
  const [a, b] = [lease(0, 1n), lease(1, 1n)] as const;
  const item = (of: LockedLease, state: SettledTask['state'], outcome: 'accepted' | 'retried'): SettledTask => ({
    lease: of,
    state,
    fuel_billed: undefined,
    attempt: { job_id: of.job_id, outcome } as SettledTask['attempt'],
  });
  const group = [
    item(a, 'DONE', 'accepted'),
    item(b, 'FAILED', 'accepted'),
    item(a, 'QUEUED', 'retried'),
    item(a, 'FAILED', 'accepted'),
    item(b, 'LEASED', 'retried'),
    item(b, 'DONE', 'accepted'),
  ];
  expect(settle(group).attempts.map(({ place }) => place)).toEqual([1, 1, null, 2, null, 2]);
});
