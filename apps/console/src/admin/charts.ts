import type { EChartsCoreOption } from 'echarts/core';
import type { ChartTable } from '../charts/chart.js';
import { ADMIN } from '../text/admin.en.js';
import { absoluteTime } from '../ui-kit/times.js';
import type { Glance } from './shapes.js';

type Group = Glance['nodes']['groups'][number];
interface Drawing {
  option: EChartsCoreOption;
  table: ChartTable;
}

const TEXT = ADMIN.glance;
/** In the order of the palette's colours; those beyond it are drawn faint. */
const PRESENCES = ['busy', 'idle', 'paused', 'lost', 'disconnected', 'online', 'draining', 'never'] as const;
const PALETTE = 5;
const presenceOf = ({ presence }: Group): (typeof PRESENCES)[number] => presence ?? 'never';
const time = (at: string): string => absoluteTime(at);
const GRID = { left: 8, right: 16, top: 12, bottom: 8, containLabel: true };

/** Devices as stacked bars: a bar a kind, or a region, a colour a presence. */
export function presenceBars(groups: readonly Group[], by: 'kind' | 'region'): Drawing {
  const nameOf = (group: Group) => (by === 'kind' ? ADMIN.nodes.kinds[group.kind] : (group.region ?? TEXT.no_region));
  const names = [...new Set(groups.map(nameOf))];
  const count = (name: string, presence: string) =>
    groups.reduce((sum, group) => (nameOf(group) === name && presenceOf(group) === presence ? sum + group.nodes : sum), 0);
  const all = (name: string) => PRESENCES.reduce((sum, presence) => sum + count(name, presence), 0);
  names.sort((a, b) => all(a) - all(b));
  // All of them, so that each has its own colour whatever there is.
  const shown = PRESENCES;
  return {
    option: {
      grid: { ...GRID, top: 64 },
      legend: {
        top: 0,
        type: 'scroll',
        data: PRESENCES.filter((one) => groups.some((group) => presenceOf(group) === one)).map((one) => TEXT.presences[one]),
      },
      tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' } },
      xAxis: { type: 'value', minInterval: 1 },
      yAxis: { type: 'category', data: names },
      series: shown.map((presence) => ({
        name: TEXT.presences[presence],
        type: 'bar',
        stack: 'all',
        itemStyle: { opacity: PRESENCES.indexOf(presence) < PALETTE ? 1 : 0.4 },
        barMaxWidth: 28,
        data: names.map((name) => count(name, presence)),
      })),
    },
    table: {
      columns: [by === 'kind' ? ADMIN.nodes.kind : ADMIN.nodes.region, ...shown.map((presence) => TEXT.presences[presence])],
      rows: [...names].reverse().map((name) => [name, ...shown.map((presence) => String(count(name, presence)))]),
    },
  };
}

interface Line {
  name: string;
  points: readonly { at: string; value: number }[];
}

/** Values over time. */
export function lines(of: readonly Line[]): Drawing {
  return {
    option: {
      grid: { ...GRID, top: of.length > 1 ? 56 : 16 },
      ...(of.length > 1 && { legend: { top: 0, type: 'scroll' } }),
      tooltip: { trigger: 'axis' },
      xAxis: { type: 'time' },
      yAxis: { type: 'value', min: 0 },
      series: of.map(({ name, points }) => ({
        name,
        type: 'line',
        showSymbol: points.length < 3,
        areaStyle: of.length === 1 ? { opacity: 0.15 } : undefined,
        data: points.map(({ at, value }) => [at, value]),
      })),
    },
    table: {
      columns: [ADMIN.log.columns.at, ...of.map(({ name }) => name)],
      rows: [...new Set(of.flatMap(({ points }) => points.map(({ at }) => at)))]
        .sort()
        .reverse()
        .map((at) => [time(at), ...of.map(({ points }) => String(points.find((point) => point.at === at)?.value ?? ''))]),
    },
  };
}

/** What the heap has, less what it owes to whom: what is left stands last. In units of the currency. */
export function waterfall(money: Glance['money']): Drawing {
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
  const bars: { name: string; from: number; size: number; to: number }[] = [{ name: TEXT.assets, from: 0, size: assets, to: assets }];
  for (const [name, size] of steps) {
    left -= size;
    bars.push({ name, from: Math.min(left, left + size), size, to: left });
  }
  bars.push({ name: TEXT.surplus, from: Math.min(0, left), size: Math.abs(left), to: left });
  const digits = new Intl.NumberFormat(undefined, { maximumFractionDigits: 6 });
  return {
    option: {
      grid: GRID,
      tooltip: {
        trigger: 'axis',
        axisPointer: { type: 'shadow' },
        formatter: (at: { dataIndex: number }[]) => tip(bars[at[0]?.dataIndex ?? 0]),
      },
      xAxis: {
        type: 'category',
        data: bars.map(({ name }) => name),
        axisLabel: { interval: 0, hideOverlap: false, width: 80, overflow: 'break' },
      },
      yAxis: { type: 'value', name: money.currency },
      series: [
        { type: 'bar', stack: 'all', silent: true, itemStyle: { color: 'transparent' }, data: bars.map(({ from }) => from) },
        { type: 'bar', stack: 'all', barMaxWidth: 56, data: bars.map(({ size }) => Math.abs(size)), colorBy: 'data' },
      ],
    },
    table: { columns: ['', money.currency], rows: bars.map(({ name, size }) => [name, digits.format(size)]) },
  };
  function tip(bar: (typeof bars)[number] | undefined): string {
    return bar === undefined ? '' : `${bar.name}: ${digits.format(bar.size)} ${money.currency}`;
  }
}
