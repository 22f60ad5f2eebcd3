/** Shorter runs than this together make a sample: a browser's clock is too coarse for one alone. */
const SAMPLE_MS = 50;
const MEDIAN_OF = 5;
/** Below this share of its own best pace a program counts as slowed down. */
const SLOW_BELOW = 0.5;
/** For so much work in a row: one slow input, or another program's short burst, says nothing yet. */
const SLOW_FOR_MS = 3_000;
const PROGRAMS_MAX = 32;
/** The speed of work counts once so much of it was measured, and is that of the last so many samples. */
const SPEED_SAMPLES_MIN = 20;
const SPEED_SAMPLES = 200;

interface Sample {
  fuel: number;
  ms: number;
}

interface Program {
  gathering: Sample;
  recent: number[];
  /** The best median so far. */
  best: number;
  slow_ms: number;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/**
 * How fast real work runs, and whether it has become slow: programs burn fuel at different rates, so that each is held against itself. A hot
 * device lowers its clock, and one that is used for something else shares its cores; both show here where no thermometer can be read.
 */
export class Pace {
  private readonly programs = new Map<string, Program>();
  private readonly samples: Sample[] = [];
  /** The share of its best pace at which a program has run for a while; null while all is well. */
  slowed_to: number | null = null;

  add(module_hash: string, fuel: bigint, wall_ms: number): void {
    const program = this.program(module_hash);
    program.gathering.fuel += Number(fuel);
    program.gathering.ms += wall_ms;
    if (program.gathering.ms < SAMPLE_MS) return;
    const sample = program.gathering;
    program.gathering = { fuel: 0, ms: 0 };
    this.samples.push(sample);
    if (this.samples.length > SPEED_SAMPLES) this.samples.shift();
    program.recent.push(sample.fuel / sample.ms);
    if (program.recent.length > MEDIAN_OF) program.recent.shift();
    if (program.recent.length < MEDIAN_OF) return;
    const now = median(program.recent);
    program.best = Math.max(program.best, now);
    program.slow_ms = now < program.best * SLOW_BELOW ? program.slow_ms + sample.ms : 0;
    if (program.slow_ms >= SLOW_FOR_MS) this.slowed_to = now / program.best;
  }

  /** The device had a rest: what comes now is judged anew, against the same best. */
  rested(): void {
    this.slowed_to = null;
    for (const program of this.programs.values()) {
      program.recent = [];
      program.slow_ms = 0;
      program.gathering = { fuel: 0, ms: 0 };
    }
  }

  /** Of one slot, over the last while; null until enough was measured. */
  get fuel_per_ms(): number | null {
    if (this.samples.length < SPEED_SAMPLES_MIN) return null;
    const sum = this.samples.reduce((all, { fuel, ms }) => ({ fuel: all.fuel + fuel, ms: all.ms + ms }), { fuel: 0, ms: 0 });
    return Math.round(sum.fuel / sum.ms);
  }

  private program(module_hash: string): Program {
    const known = this.programs.get(module_hash) ?? { gathering: { fuel: 0, ms: 0 }, recent: [], best: 0, slow_ms: 0 };
    this.programs.delete(module_hash);
    this.programs.set(module_hash, known);
    const [oldest] = this.programs.keys();
    if (this.programs.size > PROGRAMS_MAX && oldest !== undefined) this.programs.delete(oldest);
    return known;
  }
}
