import { VOLUME_CODES, type VolumeClass } from '#units';
import { seeded } from '../verification/random.js';
import { SegmentLife, Stock } from './life.js';
import { MONTH_H, type World, YEAR_H } from './world.js';

export interface SplittingSize {
  /** Years of a segment that are lived through to count how often it falls below the first level. */
  readonly years: number;
  /** Lives that go on from each level. */
  readonly trials: number;
  /** Estimates that are made independently of each other. */
  readonly repeats: number;
  readonly seed: number;
}

export interface LossEstimate {
  /** Losses of a segment a year, the mean of the repeats, and its standard error as a share of it. */
  readonly annual_loss: number;
  readonly relative_error: number;
  /** How often a year a segment falls to so many live pieces or fewer. */
  readonly falls: readonly { readonly live: number; readonly a_year: number }[];
  /** Bytes fetched and sent by repair in 30 days, as a multiple of the bytes stored by people. */
  readonly repair_a_month: number;
}

/**
 * Rare events by splitting (Kahn and Harris 1951; Garvels 2000, fixed effort): how often a segment falls from full to a first level is counted in plain
 * simulation; then, from the states it came there in, lives go on until they reach the next level or are full again, and so on down to k − 1. The rate is
 * the first count times the shares that went on. Each life is the policy's own code; nothing is biased, so the estimate is that of the plain simulation.
 */
export function estimateLoss(volume_class: VolumeClass, world: World, { years, trials, repeats, seed }: SplittingSize): LossEstimate {
  const runs = Array.from({ length: repeats }, (_, i) => once(volume_class, world, years, trials, seeded(seed * 1_000_003 + i * 7_919)));
  const losses = runs.map(({ rates }) => rates[rates.length - 1] as number);
  const mean = average(losses);
  const spread = Math.sqrt(losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / Math.max(1, repeats - 1) / repeats);
  const [{ levels }] = runs as [(typeof runs)[number]];
  return {
    annual_loss: mean,
    relative_error: mean > 0 ? spread / mean : 0,
    falls: levels.map((live, i) => ({ live, a_year: average(runs.map(({ rates }) => rates[i] as number)) })),
    repair_a_month: average(runs.map(({ repair_a_month }) => repair_a_month)),
  };
}

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function once(volume_class: VolumeClass, world: World, years: number, trials: number, random: () => number) {
  const { k, repair_at, n } = VOLUME_CODES[volume_class];
  const full = repair_at + Math.ceil((2 * (n - repair_at)) / 3);
  const first = repair_at - 2;
  const levels = Array.from({ length: first - k + 2 }, (_, i) => first - i);
  const stock = new Stock(world, random);

  let life = new SegmentLife(volume_class, world, random, stock);
  let fallen: SegmentLife[] = [];
  let falls = 0;
  let was_full = true;
  while (life.now_h < years * YEAR_H) {
    life.step();
    if (was_full && life.live <= first) {
      was_full = false;
      falls++;
      if (fallen.length < trials) fallen.push(life.copy());
      else if (random() * falls < trials) fallen[Math.floor(random() * trials)] = life.copy();
    } else if (life.live >= full) was_full = true;
    if (life.lost) life = life.anew();
  }
  const repair_a_month = ((life.pieces_read + life.pieces_made) / k / life.now_h) * MONTH_H;

  const rates = [falls / years];
  for (const level of levels.slice(1)) {
    const further: SegmentLife[] = [];
    for (let i = 0; i < trials && fallen.length > 0; i++) {
      const trial = (fallen[Math.floor(random() * fallen.length)] as SegmentLife).copy();
      while (trial.live > level && trial.live < full) trial.step();
      if (trial.live <= level) further.push(trial);
    }
    rates.push(((rates[rates.length - 1] as number) * further.length) / trials);
    fallen = further;
  }
  return { levels, rates, repair_a_month };
}
