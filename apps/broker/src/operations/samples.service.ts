import { Injectable } from '@nestjs/common';
import {
  figureOf,
  type QueryOf,
  type ResponseOf,
  type ROUTES,
  SAMPLE_TERMS_MS,
  type SampleStep,
  SERIES_METRICS,
  type SeriesMetric,
} from '#protocol';
import type { Figures } from './figures.service.js';
import { FiguresStore } from './figures.store.js';
import { stretchWrong, tooManyPoints } from './operations.errors.js';
import { SamplesStore } from './samples.store.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const POINTS_MAX = 1_000;
/** Ten days of minutes, and a bit more than a year of hours; days for ever. */
const KEPT_MS: Readonly<Partial<Record<SampleStep, number>>> = { minute: 10 * DAY_MS, hour: 400 * DAY_MS };
const STEPS = ['minute', 'hour', 'day'] as const;
const FORGET_MS = 3_600_000;

/** Figures over time in the manner of RRDtool: a value a minute, means of hours and days, old fine ones forgotten. */
@Injectable()
export class SamplesService {
  private forgotten_at_ms = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly store: SamplesStore,
    private readonly figures: FiguresStore,
  ) {}

  /** Once a minute, whoever comes first. */
  async take(now: Figures, badness: number): Promise<void> {
    if (!(await this.store.isDue())) return;
    const [settled, failures] = await Promise.all([this.figures.settled(MINUTE_MS, 'minute'), this.figures.failures(MINUTE_MS)]);
    await this.store.write(valuesOf(now, settled, failures, badness));
    if (performance.now() - this.forgotten_at_ms < FORGET_MS) return;
    this.forgotten_at_ms = performance.now();
    await this.forget();
  }

  /** Takes away what is older than its step keeps. */
  async forget(): Promise<void> {
    for (const step of STEPS) {
      const kept_ms = KEPT_MS[step];
      if (kept_ms !== undefined) await this.store.forget(SERIES_METRICS, SAMPLE_TERMS_MS[step], kept_ms);
    }
  }

  /** @throws HeapError `invalid_input` for a stretch that is none, or of too many points. */
  async series(query: QueryOf<typeof ROUTES.series>): Promise<ResponseOf<typeof ROUTES.series>> {
    const now = await this.figures.now();
    const to = query.to === undefined ? now : new Date(query.to);
    const from = query.from === undefined ? new Date(to.getTime() - DAY_MS) : new Date(query.from);
    if (from >= to) throw stretchWrong();
    const step = query.step ?? stepFor(from, to, now);
    const points = Math.ceil((to.getTime() - from.getTime()) / SAMPLE_TERMS_MS[step]);
    if (points > POINTS_MAX) throw tooManyPoints(points, POINTS_MAX);
    const rows = await this.store.series(query.metric, SAMPLE_TERMS_MS[step], from, to);
    return {
      metric: query.metric,
      ...figureOf(query.metric),
      step,
      from: from.toISOString(),
      to: to.toISOString(),
      points: rows.map(({ from_at, ...row }) => ({ at: from_at.toISOString(), ...row })),
    };
  }
}

/** The finest step that fits and whose values are kept from the beginning on. */
export function stepFor(from: Date, to: Date, now: Date): SampleStep {
  const [length_ms, age_ms] = [to.getTime() - from.getTime(), now.getTime() - from.getTime()];
  const fits = (step: SampleStep) =>
    length_ms / SAMPLE_TERMS_MS[step] <= POINTS_MAX && age_ms <= (KEPT_MS[step] ?? Number.POSITIVE_INFINITY);
  return STEPS.find(fits) ?? 'day';
}

const connectedAs = (now: Figures, presence: string): number =>
  now.nodes.groups.reduce((nodes, group) => (group.presence === presence ? nodes + group.nodes : nodes), 0);

function valuesOf(
  now: Figures,
  settled: { tasks: number; gross: bigint; net: bigint; fee: bigint },
  failures: number,
  badness: number,
): Map<SeriesMetric, number> {
  const { work, money } = now;
  const since_ms = work.oldest === null ? 0 : Date.parse(now.at) - Date.parse(work.oldest.since);
  const values: [SeriesMetric, number][] = [
    ['nodes_enrolled', now.nodes.enrolled],
    ['nodes_connected', now.nodes.connected],
    ['nodes_busy', connectedAs(now, 'busy')],
    ['nodes_paused', connectedAs(now, 'paused')],
    ['tasks_per_second', (settled.tasks * 1000) / MINUTE_MS],
    ['failures_per_second', (failures * 1000) / MINUTE_MS],
    ['tasks_queued', work.tasks_queued],
    ['tasks_leased', work.tasks_leased],
    ['jobs_waiting', work.jobs_waiting],
    ['oldest_wait_seconds', Math.max(0, since_ms / 1000)],
    ['charged_micro', Number(settled.gross)],
    ['earned_micro', Number(settled.net)],
    ['fee_micro', Number(settled.fee)],
    ['held_micro', Number(money.held_micro)],
    ['owed_to_developers_micro', Number(money.owed_to_developers_micro)],
    ['owed_to_owners_micro', Number(money.owed_to_owners_micro)],
    ['suspense_micro', Math.abs(Number(money.suspense.net_micro))],
    ['surplus_micro', Number(money.surplus_micro)],
    ['penalties_active', now.care.penalties_active],
    ['badness', badness],
  ];
  for (const { market, price_micro } of now.markets) if (price_micro !== null) values.push([`price:${market}`, Number(price_micro)]);
  return new Map(values);
}
