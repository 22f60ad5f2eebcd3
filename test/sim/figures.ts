import { formatMajor } from '#units';
import { DEVELOPER_KINDS } from './developers.js';
import type { HeapMarket, Minute } from './heap-market.js';
import type { Device } from './owners.js';
import type { Probes } from './probes.js';
import { gini, jain, mean, quantile, sum } from './statistics.js';

const rounded = (value: number | null, digits = 3): number | null => (value === null ? null : Number(value.toPrecision(digits)));
const micro = (value: number | null): string | null => (value === null ? null : formatMajor(BigInt(Math.round(value))));
const share = ({ inside, all }: { inside: number; all: number }) => (all === 0 ? null : rounded(inside / all, 4));

const spread = (values: readonly number[]) => ({ p50: rounded(quantile(values, 0.5)), p90: rounded(quantile(values, 0.9)) });

/** Mean over so many minutes before and after: a round's price hangs on which slots are free in it. */
const SMOOTH = 5;
/** Where a stretch settles is the mean of its second half; nine tenths of that half lie within the band around it, which is what the market moves by itself. */
function levelOf(path: readonly (number | null)[]): { level: number; band: number } {
  const settled = path.slice(Math.floor(path.length / 2)).filter((price) => price !== null);
  const level = mean(settled);
  return {
    level,
    band:
      quantile(
        settled.map((price) => Math.abs(price - level)),
        0.9,
      ) ?? 0,
  };
}

/** The price before, in and after the rush, and after how many minutes it moves no more than it does later in the stretch. */
export function convergence({ minutes, settings: { rush, rounds } }: HeapMarket) {
  const path = smoothed(minutes);
  const stretches = { before: path.slice(0, rush.from), during: path.slice(rush.from, rush.to), after: path.slice(rush.to, rounds) };
  const figures = Object.entries(stretches).map(([name, stretch]) => {
    const { level, band } = levelOf(stretch);
    const within = stretch.findIndex((price) => price !== null && Math.abs(price - level) <= band);
    return [name, { level: micro(level), band: micro(band), minutes_until_within: within < 0 ? null : within }];
  });
  const highest = path.slice(rush.from, rush.to).reduce<number>((most, price) => Math.max(most, price ?? 0), 0);
  return { ...Object.fromEntries(figures), highest: micro(highest) };
}

function smoothed(minutes: readonly Minute[]): (number | null)[] {
  return minutes.map((_, i) => {
    const near = minutes.slice(Math.max(0, i - SMOOTH), i + SMOOTH + 1).flatMap(({ price }) => price ?? []);
    return near.length === 0 ? null : mean(near);
  });
}

export function ownersIncome(devices: readonly Device[], minutes: number) {
  const byOwner = new Map<string, number>();
  for (const { offer, income_micro } of devices) byOwner.set(offer.owner, (byOwner.get(offer.owner) ?? 0) + income_micro);
  const incomes = [...byOwner.values()].map((income) => (income * 1_440) / minutes);
  const kinds = [...new Set(devices.map(({ kind }) => kind))].sort();
  return {
    owners: incomes.length,
    a_day: {
      mean: micro(mean(incomes)),
      p10: micro(quantile(incomes, 0.1)),
      median: micro(quantile(incomes, 0.5)),
      p90: micro(quantile(incomes, 0.9)),
    },
    gini: rounded(gini(incomes)),
    a_device_online_hour: Object.fromEntries(
      kinds.map((kind) => {
        const own = devices.filter((device) => device.kind === kind);
        return [kind, micro((sum(own.map((d) => d.income_micro)) * 60) / Math.max(1, sum(own.map((d) => d.minutes_online))))];
      }),
    ),
  };
}

/**
 * Of devices that differ in nothing but their number: how evenly slots were leased, by the hour that they were there, and by what was due to
 * them by when they were there, as an hour of the rush is worth more than one of the night.
 */
export function fairness(devices: readonly Device[]) {
  const groups = new Map<string, Device[]>();
  for (const device of devices) {
    if (device.minutes_online < 60) continue;
    const group = groups.get(device.trait);
    if (group) group.push(device);
    else groups.set(device.trait, [device]);
  }
  // A group that is never leased, or always, says nothing about who of it was chosen.
  const byHour = (group: readonly Device[]) => group.map(({ minutes_leased, minutes_online }) => minutes_leased / minutes_online);
  const telling = [...groups.values()].filter((group) => group.length >= 10 && mean(byHour(group)) > 0.05);
  const byHours = telling.map((group) => jain(byHour(group)));
  const byDue = telling.map((group) =>
    jain(group.filter(({ minutes_due }) => minutes_due > 0).map(({ minutes_leased, minutes_due }) => minutes_leased / minutes_due)),
  );
  const shown = (indices: readonly number[]) => ({
    jain_median: rounded(quantile(indices, 0.5)),
    jain_least: rounded(quantile(indices, 0)),
  });
  return { groups: telling.length, ...shown(byHours), by_when_there: shown(byDue) };
}

export function fillTimes({ done, given_up }: HeapMarket) {
  return Object.fromEntries(
    DEVELOPER_KINDS.map((kind) => {
      const waits = done.filter((wish) => wish.kind === kind).map(({ placed, filled }) => (filled ?? placed) - placed);
      const unfilled = given_up.filter((wish) => wish.kind === kind).length;
      const served = rounded(waits.length / Math.max(1, waits.length + unfilled));
      return [kind, { orders: waits.length + unfilled, minutes_p50: quantile(waits, 0.5), minutes_p95: quantile(waits, 0.95), served }];
    }),
  );
}

export const estimates = ({ asked, price, cost, first_result, bounded, waiting_bounded, widths }: Probes) => ({
  asked,
  confidence: 0.9,
  inside: { price: share(price), cost: share(cost), first_result: share(first_result) },
  /** Of orders that get nothing at present, those that were told an end. */
  waiting_with_an_end: { counted: waiting_bounded.all, inside: share(waiting_bounded) },
  counted: { price: price.all, cost: cost.all, first_result: first_result.all },
  narrower_than_own_limits: { price: share(bounded.price), first_result: share(bounded.first_result) },
  width: {
    price_of_maximum: spread(widths.price),
    first_result_min: { winning: spread(widths.first_result_min.winning), waiting: spread(widths.first_result_min.waiting) },
  },
});

export const welfare = ({ welfare: { gained, most, rounds, rounds_proved_optimal } }: HeapMarket) => ({
  rounds,
  rounds_proved_optimal,
  share_of_optimum_least: most === 0 ? null : rounded(gained / most, 6),
});
