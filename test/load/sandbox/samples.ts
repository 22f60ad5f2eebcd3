/** How the figures of this bench are taken. */
export const ROUNDS = 9;

export const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1] as number;
export const round = (x: number, digits = 2): number => Number(x.toFixed(digits));
const MANY = 20;

/** The least and the most of the repeats; of many, the 10th and the 90th percentile: one in a hundred meets whatever else the machine does. */
export function range(list: readonly number[], digits = 2): [number, number] {
  const sorted = [...list].sort((a, b) => a - b);
  const cut = sorted.length >= MANY ? Math.floor(sorted.length / 10) : 0;
  return [round(sorted[cut] as number, digits), round(sorted[sorted.length - 1 - cut] as number, digits)];
}

export function timed_ms(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

export interface Ratio {
  name: string;
  /** The best of one side to the best of the other: what else the machine does only ever adds. */
  best: number;
  /** Round by round, one side right after the other. */
  rounds: number[];
}

export function ratio(name: string, ours: () => unknown, other: () => unknown): Ratio {
  const pairs = Array.from({ length: ROUNDS }, () => ({ other: timed_ms(other), ours: timed_ms(ours) }));
  const best = Math.min(...pairs.map((p) => p.ours)) / Math.min(...pairs.map((p) => p.other));
  return { name, best, rounds: pairs.map((p) => p.ours / p.other) };
}

/** Of all programs, the median of each round: how far the median moves when the same is measured again. */
export function spreadOf(ratios: readonly Ratio[]): [number, number] {
  return range(Array.from({ length: ROUNDS }, (_, i) => median(ratios.map(({ rounds }) => rounds[i] as number))));
}

export const byName = (ratios: readonly Ratio[]) => Object.fromEntries(ratios.map(({ name, best }) => [name, round(best)]));

/** Microseconds of one call, each measured alone. */
export const each_us = (work: () => unknown, count: number): number[] => Array.from({ length: count }, () => timed_ms(work) * 1000);

/** Calls a second over `count` calls, after a quarter as many to warm up; several times. */
export function perSecond(work: () => unknown, count: number): number[] {
  const many = (n: number) =>
    timed_ms(() => {
      for (let i = 0; i < n; i++) work();
    });
  many(count >> 2);
  return Array.from({ length: 5 }, () => count / (many(count) / 1000));
}

export function versionOf(name: string, read: (path: string) => string): string {
  return (JSON.parse(read(`node_modules/${name}/package.json`)) as { version: string }).version;
}
