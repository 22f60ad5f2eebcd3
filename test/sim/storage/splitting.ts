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
 * Rare events by splitting (Kahn and Harris 1951; Garvels 2000, fixed effort). A segment comes near to loss in two ways. Without an event: how often it
 * falls from full to a first level is counted in plain simulation. By an event: those come at a known rate, and strike it in any state of a plain
 * simulation. From the states of either way lives go on until they reach the next level or are full again, and so on down to k − 1; the rate is that
 * of the beginning times the shares that went on. Each life is the policy's own code; nothing is weighted, so the estimate is that of the plain simulation.
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

/** An event is tried so many times as often as a level: it is the rare states that it meets which matter. */
const STRIKES = 3;
/** Hours between two states of a segment that count as different ones. */
const SNAPSHOT_H = 5 * 24;

function once(volume_class: VolumeClass, world: World, years: number, trials: number, random: () => number) {
  const { k, repair_at, n } = VOLUME_CODES[volume_class];
  const full = repair_at + Math.ceil((2 * (n - repair_at)) / 3);
  const first = repair_at - 2;
  const levels = Array.from({ length: first - k + 2 }, (_, i) => first - i);
  const stock = new Stock(world, random);

  const live = (of: World) => {
    let life = new SegmentLife(volume_class, of, random, stock);
    const fallen: SegmentLife[] = [];
    const states: SegmentLife[] = [];
    let was_full = true;
    while (life.now_h < years * YEAR_H) {
      if (life.now_h >= states.length * SNAPSHOT_H) states.push(life.copy());
      life.step();
      if (was_full && life.live <= first) {
        was_full = false;
        fallen.push(life.copy());
      } else if (life.live >= full) was_full = true;
      if (life.lost) life = life.anew();
    }
    return { fallen, states, repair_a_month: ((life.pieces_read + life.pieces_made) / k / life.now_h) * MONTH_H };
  };

  /** The rates of the levels from `from` on. */
  const down = (rate: number, begun: readonly SegmentLife[], from: readonly number[]): number[] => {
    let states = begun;
    let at = rate;
    return from.map((level, stage) => {
      const further: SegmentLife[] = [];
      const count = states.length === 0 ? 0 : stage === 0 ? states.length : trials;
      for (let i = 0; i < count; i++) {
        const trial = (states[i % states.length] as SegmentLife).copy();
        while (trial.live > level && trial.live < full) trial.step();
        if (trial.live <= level) further.push(trial);
      }
      at *= further.length / Math.max(1, count);
      states = further;
      return at;
    });
  };

  const calm = live({ ...world, events_a_year: 0 });
  const busy = live(world);
  const quietly = [calm.fallen.length / years, ...down(calm.fallen.length / years, calm.fallen, levels.slice(1))];
  // Events that are months apart find a segment that has forgotten the last one.
  const before = world.clustered ? busy.states : calm.states;
  const struck = Array.from({ length: trials * STRIKES }, () =>
    (before[Math.floor(random() * before.length)] as SegmentLife).struck(world),
  );
  const by_events = world.events_a_year > 0 ? down(world.events_a_year, struck, levels) : levels.map(() => 0);
  return { levels, rates: quietly.map((rate, i) => rate + (by_events[i] as number)), repair_a_month: busy.repair_a_month };
}
