import { boundOf } from '#auction';
import { TASK_BASE_FUEL } from '#units';
import type { FirstResult, Measured } from './prices.store.js';

export interface WorkAsked {
  fuel_limit: number;
  wall_ms_limit: number;
}

/** What one task comes to. `run_ms` is from its slot to its result; a high of null where nothing that was seen bounds it. */
export interface WorkExpected {
  source: 'measured' | 'limits';
  tasks_measured: number;
  fuel: { low: number; high: number };
  run_ms: { low: number; high: number | null };
}

/** Fuel and time each have two ends, and time has two parts: each bound is surer than the whole. */
const EACH = 0.975;

/**
 * What a task burns and takes: as earlier tasks of the module did where there are enough of them to name bounds, otherwise within its limits. What
 * comes on top (sending, loading, answering) is as in the latest jobs of the market.
 */
export function workOf(ask: WorkAsked, measured: readonly Measured[], firsts: readonly FirstResult[]): WorkExpected {
  const fuel = span(measured.map(({ fuel_used }) => Number(fuel_used)));
  const wall = span(measured.map(({ wall_ms }) => wall_ms));
  const overhead = span(firsts.map(({ first_ms, wall_ms }) => first_ms - wall_ms));
  const slowest = span(firsts.map(({ wall_ms, fuel_used }) => wall_ms / Number(fuel_used + TASK_BASE_FUEL)));
  const limits = { low: 0, high: slowest ? Math.min(ask.wall_ms_limit, slowest.high * ask.fuel_limit) : ask.wall_ms_limit };
  const run = wall ?? limits;
  return {
    source: fuel ? 'measured' : 'limits',
    tasks_measured: measured.length,
    fuel: fuel ? { low: fuel.low, high: Math.min(fuel.high, ask.fuel_limit) } : { low: 0, high: ask.fuel_limit },
    run_ms: { low: Math.floor(run.low + (overhead?.low ?? 0)), high: overhead ? Math.ceil(run.high + overhead.high) : null },
  };
}

/** Between these lies the next value; undefined while too few are known to say so. */
function span(values: readonly number[]): { low: number; high: number } | undefined {
  const high = boundOf(values, EACH, (a, b) => a - b);
  const low = boundOf(values, EACH, (a, b) => b - a);
  return high === undefined || low === undefined ? undefined : { low, high };
}
