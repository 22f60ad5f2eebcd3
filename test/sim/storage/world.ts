import type { Candidate } from '#placement';
import type { VolumeClass } from '#units';

/** What is assumed of devices and of what happens to them. Times in hours. */
export interface World {
  /** Devices live so long on average, memoryless, and are gone without a word. */
  readonly mean_life_h: number;
  /** This share of devices is always on; the others are phones. */
  readonly always_on: number;
  readonly always_on_online: number;
  /** A phone is there once a day for a while, at its owner's own time, … */
  readonly phone_online: number;
  /** … but for days that it skips, each by itself with this chance. */
  readonly skips_day: number;
  /** So often a year so large a share of all devices is lost at once: those with certain labels of one domain, or any (`hidden`). */
  readonly events_a_year: number;
  readonly event_share: number;
  readonly hidden: boolean;
  /** Evenly through the year, or at any time (`clustered`): then two or three may come before anything is repaired. */
  readonly clustered: boolean;
  /**
   * So many equally common networks and systems. A provider serves one country and a version of the agent is of one system, so that what is lost
   * together is that of a network or that of a system.
   */
  readonly labels: number;
  /** A repair takes so long from its decision until its pieces are stored: those on phones when they come by, … */
  readonly repair_h: number;
  /** … or less where the heap reads its own copy. */
  readonly repair_small_h: number;
  /** The broker looks for what is due so often. */
  readonly sweep_h: number;
  /** Devices that a placement chooses among. */
  readonly candidates: number;
}

export const WORLD: World = {
  mean_life_h: 60 * 24,
  always_on: 0.4,
  always_on_online: 0.97,
  phone_online: 0.35,
  skips_day: 0.1,
  events_a_year: 4,
  event_share: 0.2,
  hidden: false,
  clustered: false,
  labels: 10,
  repair_h: 12,
  repair_small_h: 2,
  sweep_h: 6,
  candidates: 80,
};

export const YEAR_H = 365 * 24;
export const MONTH_H = 30 * 24;

const LABELS: readonly string[] = Array.from({ length: 64 }, (_, i) => `label ${i}`);

export const repairHours = (volume_class: VolumeClass, world: World): number =>
  volume_class === 'small' ? world.repair_small_h : world.repair_h;

/** A device of the simulation. */
export class SimDevice implements Candidate {
  readonly cluster: string;
  readonly prefix: string;
  readonly provider: string;
  readonly country: string;
  readonly os: string;
  readonly agent_version: string;
  readonly online_share: number;
  readonly always_on: boolean;
  readonly network: number;
  readonly software: number;
  vetted = true;
  room = 1_000;
  audit_score = 1;

  constructor(world: World, owner: string, random: () => number) {
    this.cluster = owner;
    this.prefix = owner;
    this.network = Math.floor(random() * world.labels);
    this.software = Math.floor(random() * world.labels);
    this.provider = this.country = LABELS[this.network] as string;
    this.os = this.agent_version = LABELS[this.software] as string;
    this.always_on = random() < world.always_on;
    this.online_share = this.always_on ? world.always_on_online : world.phone_online;
  }
}

/** Whom an event takes. */
export function taking(world: World, random: () => number): (device: SimDevice) => boolean {
  if (world.hidden) return () => random() < world.event_share;
  const domain = random() < 0.5 ? 'network' : 'software';
  const hit = new Uint8Array(world.labels);
  for (let left = Math.round(world.event_share * world.labels); left > 0; ) {
    const label = Math.floor(random() * world.labels);
    if (hit[label] === 1) continue;
    hit[label] = 1;
    left--;
  }
  return (device) => hit[device[domain]] === 1;
}

/** Hours from one event to the next. */
export function toNextEvent({ events_a_year, clustered }: World, random: () => number): number {
  return clustered || events_a_year === 0 ? waiting(events_a_year / YEAR_H, random) : YEAR_H / events_a_year;
}

/** Hours to the next of events that come at this rate an hour. */
export const waiting = (rate: number, random: () => number): number =>
  rate > 0 ? -Math.log(1 - random()) / rate : Number.POSITIVE_INFINITY;
