import { hoursText, type OwnerRules } from '#agent-core';
import type { ControlStatus } from '../control/messages.js';

const mib = (bytes: number) => `${Math.round(bytes / 1_048_576)} MiB`;
const ms = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
const SIGNS = { off: ' ', allows: '+', forbids: '-', unknown: '?' } as const;

export function statusText(status: ControlStatus): string {
  const { standing, session, work, give_backs, held_until_ms, ruled } = status;
  return [
    `${standing.available ? 'Working for the heap' : 'Resting'}: ${standing.sentence}`,
    ...(held_until_ms === null ? [] : [`Held until ${new Date(held_until_ms).toLocaleString()}`]),
    `Heap:       ${session.sentence}`,
    `Work:       ${work.length === 0 ? 'none' : work.map((lease) => `${lease.slot_class}: ${lease.may.join(' ')}`).join('\n            ')}`,
    `Done:       ${status.tasks_done} tasks since it started, ${status.unconfirmed} not yet confirmed`,
    give_backs
      ? `Given back: ${give_backs.count} times, the last in ${ms(give_backs.last_ms)} (p50 ${ms(give_backs.p50_ms)}, p99 ${ms(give_backs.p99_ms)})`
      : 'Given back: never yet',
    ...storedText(status),
    `Agent:      process ${status.pid}, ${mib(status.rss_bytes)}`,
    `Ruled:      ${ruledBy(status)}`,
    'Rules (+ allows, - forbids, ? cannot be told and does not count):',
    ...ruled.filter(({ verdict }) => verdict !== 'off').map(({ rule, verdict, sentence }) => `  ${SIGNS[verdict]} ${rule}: ${sentence}`),
    ...(ruled.every(({ verdict }) => verdict === 'off') ? ['    none: it works at all times'] : []),
  ].join('\n');
}

const gb = (bytes: number) => `${(bytes / 1_000_000_000).toFixed(bytes < 10_000_000_000 ? 2 : 0)} GB`;

/** Nothing where the device keeps nothing and is to keep nothing. */
function storedText({ pieces }: ControlStatus): string[] {
  if (pieces === null || (pieces.quota_bytes === 0 && pieces.held === 0 && pieces.broken === null)) return [];
  if (pieces.broken !== null) return [`Stored:     nothing: the disk cannot be read (${pieces.broken})`];
  const { transfers, paused } = pieces;
  const over = pieces.bytes > pieces.quota_bytes ? ', more than it allots: the heap moves what is too much' : '';
  const damaged = pieces.damaged > 0 ? `, ${pieces.damaged} of them damaged (the heap knows)` : '';
  const most = pieces.bytes_per_day === null ? '' : ` of at most ${gb(pieces.bytes_per_day)}`;
  const now = paused ? `nothing is moved: ${paused.sentence}` : `${transfers.running} on the move, ${transfers.waiting} waiting`;
  return [
    `Stored:     ${gb(pieces.bytes)} of ${gb(pieces.quota_bytes)} in ${pieces.held} pieces${damaged}${over}; room for ${gb(pieces.free_bytes)} more`,
    `            ${gb(pieces.moved_today_bytes)} moved today${most}; ${now}`,
  ];
}

function ruledBy({ ruled_by, own_rules_only }: ControlStatus): string {
  const alone = own_rules_only ? '; what is set at the heap does not count here' : '';
  if (ruled_by === null) return `by nobody yet, so by what it was started with${alone}`;
  return `${ruled_by.origin === 'heap' ? 'at the heap' : 'on this device'}, in force since ${new Date(ruled_by.since_ms).toLocaleString()} (version ${ruled_by.version})${alone}`;
}

const percent = (share: number) => `${Math.round(share * 100)} %`;

export function rulesText(rules: OwnerRules): string {
  const limit = (threshold: { leave: number; enter: number } | null, show: (value: number) => string) =>
    threshold === null ? 'off' : `${show(threshold.leave)}, again at ${show(threshold.enter)}`;
  const degrees = (value: number) => `${value} °C`;
  return [
    `hours            ${rules.hours === null ? 'at all times' : `${rules.hours.map(hoursText).join('; ')} (${rules.time_zone})`}`,
    `idle             ${rules.idle_ms === null ? 'off' : `not used for ${rules.idle_ms / 1_000} s`}`,
    `charging         ${rules.charging ? 'only on the mains' : 'off'}`,
    `battery          at least: ${limit(rules.battery, percent)}`,
    `temperature      at most: ${limit(rules.temperature_c, degrees)}`,
    `cpu-temperature  at most: ${limit(rules.cpu_temperature_c, degrees)}`,
    `unmetered        ${rules.unmetered ? 'only on a network that costs nothing by the byte' : 'off'}`,
    `others           at most: ${limit(rules.others, percent)}`,
    `power-price      at most: ${limit(rules.power_price, String)}`,
    ...rules.tariff.map((part) => `                 ${hoursText(part)}: ${part.price} a kWh`),
    `slots            ${rules.slots === null ? 'as many as the device allots' : `at most ${rules.slots}`}${rules.cpu_share === null ? '' : `, on at most ${percent(rules.cpu_share)} of the cores`}`,
    `dwell            ${rules.dwell_ms / 1_000} s without a ban before work begins again`,
    `at once          ${rules.at_once.join(', ') || 'none'}; the others let a task finish, for at most ${rules.finish_ms / 1_000} s`,
  ].join('\n');
}
