import type { Bar } from '../charts/bar-rows.js';
import type { ChartTable } from '../charts/chart-frame.js';
import type { Line } from '../charts/line-plot.js';
import { ADMIN } from '../text/admin.en.js';
import { number } from '../ui/format.js';
import { absoluteTime } from '../ui-kit/times.js';
import type { Glance } from './shapes.js';

type Group = Glance['nodes']['groups'][number];

const TEXT = ADMIN.glance;
/** In the order in which they are drawn. */
const PRESENCES = {
  busy: 'var(--accent)',
  idle: 'var(--wait)',
  paused: 'var(--pause)',
  lost: 'var(--danger)',
  disconnected: 'var(--ink-soft)',
  online: 'var(--accent)',
  draining: 'var(--pause)',
  never: 'var(--ink-soft)',
} as const;
/** Those that share a colour with another. */
const FAINT: readonly Presence[] = ['online', 'draining', 'never'];
type Presence = keyof typeof PRESENCES;
const ALL = Object.keys(PRESENCES) as Presence[];
const presenceOf = ({ presence }: Group): Presence => presence ?? 'never';

/** Devices as bars of parts: a bar a kind, or a region, a colour a presence; the largest first. */
export function presenceBars(
  groups: readonly Group[],
  by: 'kind' | 'region',
): { bars: Bar[]; legend: { name: string; colour: string; faint: boolean }[]; table: ChartTable } {
  const nameOf = (group: Group) => (by === 'kind' ? ADMIN.nodes.kinds[group.kind] : (group.region ?? TEXT.no_region));
  const count = (name: string, presence: Presence) =>
    groups.reduce((sum, group) => (nameOf(group) === name && presenceOf(group) === presence ? sum + group.nodes : sum), 0);
  const all = (name: string) => ALL.reduce((sum, presence) => sum + count(name, presence), 0);
  const names = [...new Set(groups.map(nameOf))].sort((a, b) => all(b) - all(a));
  const shown = ALL.filter((one) => groups.some((group) => presenceOf(group) === one));
  return {
    bars: names.map((name) => {
      let from = 0;
      const parts = shown.map((presence) => {
        const size = count(name, presence);
        const title = `${TEXT.presences[presence]}: ${number(size)}`;
        const part = { key: presence, from, size, colour: PRESENCES[presence], title, faint: FAINT.includes(presence) };
        from += size;
        return part;
      });
      return { name, value: number(from), parts: parts.filter(({ size }) => size > 0) };
    }),
    legend: shown.map((one) => ({ name: TEXT.presences[one], colour: PRESENCES[one], faint: FAINT.includes(one) })),
    table: {
      columns: [by === 'kind' ? ADMIN.nodes.kind : ADMIN.nodes.region, ...ALL.map((presence) => TEXT.presences[presence])],
      rows: names.map((name) => [name, ...ALL.map((presence) => String(count(name, presence)))]),
    },
  };
}

/** What lines over time are as a table, the newest first. */
export function timesTable(lines: readonly Line[]): ChartTable {
  const at = [...new Set(lines.flatMap(({ points }) => points.map(({ at_ms }) => at_ms)))].sort((a, b) => b - a);
  const by_time = lines.map(({ points }) => new Map(points.map(({ at_ms, value }) => [at_ms, value])));
  return {
    columns: [ADMIN.log.columns.at, ...lines.map(({ name }) => name)],
    rows: at.map((ms) => [absoluteTime(new Date(ms).toISOString()), ...by_time.map((values) => String(values.get(ms) ?? ''))]),
  };
}

/** What the heap has, less what it owes to whom: what is left stands last. In units of the currency. */
export function waterfall(money: Glance['money']): { bars: Bar[]; table: ChartTable } {
  const value = (micro: string) => Number(BigInt(micro)) / 1e6;
  const assets = value(money.assets_micro);
  const [developers, held, owners] = [value(money.owed_to_developers_micro), value(money.held_micro), value(money.owed_to_owners_micro)];
  const other = value(money.liabilities_micro) - developers - held - owners;
  const steps: [string, number][] = [
    [TEXT.developers, developers],
    [TEXT.held, held],
    [TEXT.owners, owners],
    ...(Math.abs(other) > 1e-6 ? [[TEXT.other, other] as [string, number]] : []),
  ];
  let left = assets;
  const drawn: { name: string; from: number; size: number; colour: string }[] = [
    { name: TEXT.assets, from: 0, size: assets, colour: 'var(--accent)' },
  ];
  for (const [name, size] of steps) {
    left -= size;
    drawn.push({ name, from: left, size, colour: 'var(--wait)' });
  }
  drawn.push({ name: TEXT.surplus, from: 0, size: left, colour: left < 0 ? 'var(--danger)' : 'var(--accent)' });
  const digits = (size: number) => number(size, 6);
  return {
    bars: drawn.map(({ name, from, size, colour }) => ({
      name,
      value: digits(size),
      parts: [
        { key: name, from: Math.min(from, from + size), size: Math.abs(size), colour, title: `${name}: ${digits(size)} ${money.currency}` },
      ],
    })),
    table: { columns: ['', money.currency], rows: drawn.map(({ name, size }) => [name, digits(size)]) },
  };
}
