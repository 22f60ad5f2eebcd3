import type { Figures } from './figures.service.js';

/** What the rules look at besides the figures. */
export interface Signs {
  /** Mean of connected nodes in the last hour; null where nothing is known. */
  connected_hour: number | null;
  /** Payouts of which nobody knows for an hour whether they were sent. */
  payouts_unknown: number;
  outbox_oldest_at: Date | null;
  inbox_oldest_at: Date | null;
  /** Objections that the term decides within three days if nobody does. */
  objections_due: number;
  appeals_open: number;
  provider_alarms: readonly { name: string; count: number; detail: string }[];
  admin_log_intact: boolean;
  gateways: number;
  /** Segments of volumes that have waited for their repair for an hour, and whether today's bytes for repair are used up. */
  repairs_waiting: number;
  repair_bytes_today: number;
  repair_bytes_per_day: number;
}

export interface Finding {
  code: string;
  subject: string;
  severity: 'critical' | 'warning' | 'notice';
  weight: number;
  sentence: string;
  link: string;
}

const finding = (severity: Finding['severity'], weight: number, code: string, link: string, sentence: string, subject = ''): Finding => ({
  code,
  subject,
  severity,
  weight,
  sentence,
  link,
});

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Fewer are no crowd of which half can leave. */
const CROWD = 10;
/** Fewer executions say nothing about all. */
const RATE_MIN = 5;

const minutes = (ms: number): string => (ms < 2 * HOUR_MS ? `${Math.floor(ms / MINUTE_MS)} minutes` : `${Math.floor(ms / HOUR_MS)} hours`);

/**
 * Rules with weights in the manner of a node's health and of a spam filter: each that applies is an alert, and the weights add up to the badness
 * of the heap. 100 is for what may cost somebody money, 50 for what keeps the heap from working, less for what can wait a while.
 */
export function findings(now: Figures, signs: Signs): Finding[] {
  const at_ms = Date.parse(now.at);
  const since = (at: string | Date | null): number => (at === null ? 0 : at_ms - new Date(at).getTime());
  return [
    ...moneyFindings(now, signs, since),
    ...marketFindings(now, signs, since),
    ...workFindings(now, signs, since),
    ...careFindings(signs),
  ];
}

type Since = (at: string | Date | null) => number;

function moneyFindings({ money, care }: Figures, signs: Signs, since: Since): Finding[] {
  const found = money.invariants.broken.map(({ invariant, detail }) =>
    finding('critical', 100, 'invariant_broken', '/admin/money', `The ledger breaks its rule ${invariant}: ${detail}`, invariant),
  );
  const say = (applies: boolean, ...one: Parameters<typeof finding>) => void (applies && found.push(finding(...one)));
  say(
    !signs.admin_log_intact,
    'critical',
    100,
    'admin_log_broken',
    '/admin/log',
    'A line of the admins’ log is not what it was written as, or is gone.',
  );
  say(
    BigInt(money.surplus_micro) < 0n,
    ...(['critical', 100, 'insolvent', '/admin/money', 'The heap owes more than it has: liabilities are above assets.'] as const),
  );
  const unchecked_ms = since(money.invariants.checked_at);
  say(
    unchecked_ms > 26 * HOUR_MS,
    ...([
      'warning',
      30,
      'ledger_unchecked',
      '/admin/money',
      `Some rule of the ledger was last checked ${minutes(unchecked_ms)} ago.`,
    ] as const),
  );
  const suspense_ms = since(money.suspense.oldest_at);
  say(
    suspense_ms > 24 * HOUR_MS,
    ...([
      'warning',
      20,
      'suspense_old',
      '/admin/money',
      `A movement at the payment provider is unexplained for ${minutes(suspense_ms)}.`,
    ] as const),
  );
  const waits: [string, string, Date | null][] = [
    ['outbox_stuck', 'A call to the payment provider has waited', signs.outbox_oldest_at],
    ['inbox_stuck', 'A notice of the payment provider was not applied', signs.inbox_oldest_at],
  ];
  for (const [code, what, at] of waits)
    say(since(at) > 15 * MINUTE_MS, 'warning', 20, code, '/admin/money', `${what} for ${minutes(since(at))}.`);
  say(
    signs.payouts_unknown > 0,
    ...([
      'warning',
      20,
      'payouts_unknown',
      '/admin/money',
      `Of ${signs.payouts_unknown} payouts nobody knows for an hour whether they were sent.`,
    ] as const),
  );
  say(
    care.disputes_open > 0,
    ...(['notice', 5, 'disputes_open', '/admin/money', `${care.disputes_open} payments are disputed at their banks.`] as const),
  );
  say(
    care.journals_proposed > 0,
    ...(['notice', 2, 'journals_proposed', '/admin/money', `${care.journals_proposed} journals by hand wait for a second admin.`] as const),
  );
  for (const { name, count, detail } of signs.provider_alarms)
    found.push(finding('warning', 15, 'provider_alarm', '/admin/money', `${name}, ${count} times by now: ${detail}`, name));
  return found;
}

function marketFindings({ markets, nodes }: Figures, signs: Signs, since: Since): Finding[] {
  const silent = markets
    .filter(({ leader }) => leader?.silent)
    .map(({ market, leader }) => {
      const heard_ms = since(leader?.seen_at ?? null);
      return finding(
        'critical',
        50,
        'market_without_leader',
        '/admin/settings',
        `Nobody leads the market ${market}: its leader was last heard of ${Math.floor(heard_ms / 1000)} seconds ago.`,
        market,
      );
    });
  const gone = nodes.enrolled > 0 && signs.gateways === 0;
  return gone
    ? [...silent, finding('critical', 50, 'no_gateway', '/admin/settings', 'No gateway lives: devices have nothing to connect to.')]
    : silent;
}

function workFindings({ work, nodes }: Figures, signs: Signs, since: Since): Finding[] {
  const found: Finding[] = [];
  const wait_ms = work.oldest === null ? 0 : since(work.oldest.since);
  const idle = nodes.groups.reduce((sum, group) => (group.presence === 'idle' ? sum + group.nodes : sum), 0);
  if (wait_ms > 15 * MINUTE_MS && idle > 0)
    found.push(
      finding(
        'warning',
        10,
        'work_waits',
        `/admin/jobs/${work.oldest?.job_id}`,
        `A job waits for ${minutes(wait_ms)} while ${idle} devices are idle.`,
      ),
    );
  const ended = work.tasks_per_second + work.failures_per_second;
  if (ended >= RATE_MIN && work.failures_per_second / ended > 0.2)
    found.push(
      finding(
        'warning',
        20,
        'work_fails',
        '/admin/nodes?sort=health',
        `${Math.round((100 * work.failures_per_second) / ended)} % of executions end without a result that counts.`,
      ),
    );
  const before = signs.connected_hour;
  if (before !== null && before >= CROWD && nodes.connected < before / 2)
    found.push(
      finding(
        'critical',
        50,
        'devices_left',
        '/admin/nodes?presence=disconnected',
        `${nodes.connected} devices are connected; in the last hour it was ${Math.round(before)} on average.`,
      ),
    );
  return found;
}

function careFindings(signs: Signs): Finding[] {
  const found: Finding[] = [];
  if (signs.objections_due > 0)
    found.push(
      finding(
        'warning',
        10,
        'objections_due',
        '/admin/objections',
        `${signs.objections_due} objections end for the owner within three days if nobody decides them.`,
      ),
    );
  const { repairs_waiting, repair_bytes_today, repair_bytes_per_day } = signs;
  if (repairs_waiting > 0)
    found.push(
      finding(
        'warning',
        30,
        'repairs_wait',
        '/admin/settings',
        `${repairs_waiting} segments of volumes wait for their repair for an hour: the bytes of the day are used up, or no process repairs.`,
      ),
    );
  if (repair_bytes_per_day > 0 && repair_bytes_today >= repair_bytes_per_day)
    found.push(
      finding(
        'warning',
        20,
        'repair_budget_used',
        '/admin/settings',
        'The bytes that repair may move today are used up: only segments near to loss are repaired until midnight UTC.',
      ),
    );
  if (signs.appeals_open > 0)
    found.push(finding('notice', 2, 'appeals_open', '/admin/suspects', `${signs.appeals_open} penalties are appealed.`));
  return found;
}
