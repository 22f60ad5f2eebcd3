import { findings, type Signs } from './alerts.js';
import type { Figures } from './figures.service.js';

const AT = '2026-11-30T12:00:00.000Z';
const ago = (minutes: number) => new Date(Date.parse(AT) - minutes * 60_000);
const quiet: Figures = {
  at: AT,
  nodes: { enrolled: 20, connected: 12, groups: [{ kind: 'phone', presence: 'idle', region: null, nodes: 12 }], versions: [] },
  work: {
    ...{ tasks_per_second: 100, failures_per_second: 1, tasks_queued: 0, tasks_leased: 0, jobs_live: 0, jobs_waiting: 0 },
    ...{ oldest: null, reasons: [] },
  },
  markets: [{ market: 'work:nano', price_micro: null, traded_at: null, round: null, leader: { epoch: 1, seen_at: AT, silent: false } }],
  money: {
    ...{ currency: 'USD', simulated: true, assets_micro: '10', liabilities_micro: '9', surplus_micro: '1', held_micro: '0' },
    ...{ owed_to_developers_micro: '9', owed_to_owners_micro: '0', outbox_open: 0, inbox_open: 0, payouts_open: 0 },
    suspense: { movements: 0, net_micro: '0', oldest_at: null },
    invariants: { holding: 28, broken: [], checked_at: ago(1).toISOString() },
  },
  care: { penalties_active: 0, nodes_banned: 0, objections_open: 0, disputes_open: 0, journals_proposed: 0, checks_waiting: 0 },
};
const calm: Signs = {
  ...{ connected_hour: 12, payouts_unknown: 0, outbox_oldest_at: null, inbox_oldest_at: null, objections_due: 0, appeals_open: 0 },
  ...{ provider_alarms: [], admin_log_intact: true, gateways: 1 },
  ...{ repairs_waiting: 0, repair_bytes_today: 0, repair_bytes_per_day: 100 },
};
const codes = (now: Partial<Figures>, signs: Partial<Signs> = {}) =>
  findings({ ...quiet, ...now }, { ...calm, ...signs }).map(({ code, subject, weight }) => [code, subject, weight]);
const work = (more: Partial<Figures['work']>) => ({ work: { ...quiet.work, ...more } });
const money = (more: Partial<Figures['money']>) => ({ money: { ...quiet.money, ...more } });
const job_id = '00000000-0000-7000-8000-000000000000';

test('a heap that is well has no alert', () => {
  expect(codes({})).toEqual([]);
});

test.each([
  [
    'the ledger is broken',
    money({ invariants: { ...quiet.money.invariants, broken: [{ invariant: 'I1', detail: 'x' }] } }),
    {},
    'invariant_broken',
    'I1',
    100,
  ],
  ['more is owed than there is', money({ surplus_micro: '-1' }), {}, 'insolvent', '', 100],
  ['the log was touched', {}, { admin_log_intact: false }, 'admin_log_broken', '', 100],
  [
    'the ledger was not checked for long',
    money({ invariants: { ...quiet.money.invariants, checked_at: ago(27 * 60).toISOString() } }),
    {},
    'ledger_unchecked',
    '',
    30,
  ],
  [
    'a movement is unexplained',
    money({ suspense: { movements: 1, net_micro: '5', oldest_at: ago(25 * 60).toISOString() } }),
    {},
    'suspense_old',
    '',
    20,
  ],
  ['a call waits', {}, { outbox_oldest_at: ago(16) }, 'outbox_stuck', '', 20],
  ['a notice waits', {}, { inbox_oldest_at: ago(16) }, 'inbox_stuck', '', 20],
  ['a payout is unknown', {}, { payouts_unknown: 1 }, 'payouts_unknown', '', 20],
  [
    'the provider was forged',
    {},
    { provider_alarms: [{ name: 'webhook_forged', count: 3, detail: 'x' }] },
    'provider_alarm',
    'webhook_forged',
    15,
  ],
  ['a payment is disputed', { care: { ...quiet.care, disputes_open: 1 } }, {}, 'disputes_open', '', 5],
  ['a journal waits', { care: { ...quiet.care, journals_proposed: 1 } }, {}, 'journals_proposed', '', 2],
  [
    'a leader is silent',
    { markets: [{ ...quiet.markets[0], leader: { epoch: 1, seen_at: ago(1).toISOString(), silent: true } }] as Figures['markets'] },
    {},
    'market_without_leader',
    'work:nano',
    50,
  ],
  ['no gateway lives', {}, { gateways: 0 }, 'no_gateway', '', 50],
  ['work waits beside idle devices', work({ oldest: { job_id, since: ago(16).toISOString() } }), {}, 'work_waits', '', 10],
  ['executions fail', work({ tasks_per_second: 8, failures_per_second: 3 }), {}, 'work_fails', '', 20],
  ['half of the devices left', {}, { connected_hour: 25 }, 'devices_left', '', 50],
  ['objections end soon', {}, { objections_due: 2 }, 'objections_due', '', 10],
  ['an appeal is open', {}, { appeals_open: 1 }, 'appeals_open', '', 2],
  ['segments wait for repair', {}, { repairs_waiting: 3 }, 'repairs_wait', '', 30],
  ['repair has used up its day', {}, { repair_bytes_today: 100 }, 'repair_budget_used', '', 20],
] as const)('it says so when %s', (_, now, signs, code, subject, weight) => {
  expect(codes(now as Partial<Figures>, signs as Partial<Signs>)).toEqual([[code, subject, weight]]);
});

test.each([
  [
    'work that waits while nothing is idle',
    { ...work({ oldest: { job_id, since: ago(60).toISOString() } }), nodes: { ...quiet.nodes, groups: [] } },
    {},
  ],
  ['few failures of few executions', work({ tasks_per_second: 0, failures_per_second: 1 }), {}],
  ['a few devices that left', { nodes: { ...quiet.nodes, connected: 1 } }, { connected_hour: 8 }],
  [
    'a heap without devices and gateways',
    { nodes: { enrolled: 0, connected: 0, groups: [], versions: [] } },
    { gateways: 0, connected_hour: null },
  ],
  ['a market that nobody led yet', { markets: [{ ...quiet.markets[0], leader: null }] as Figures['markets'] }, {}],
] as const)('it says nothing of %s', (_, now, signs) => {
  expect(codes(now as Partial<Figures>, signs as Partial<Signs>)).toEqual([]);
});
