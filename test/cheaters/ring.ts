import { resultOf, type Script, type WireTask } from '../support/fake-node.js';
import type { Truth } from '../support/truth.js';

export interface Habits {
  /** The chance of a lie about a task that none of the ring had before. */
  greed: number;
  /** Results for which each of them is honest at first. */
  sleeps_for: number;
  random: () => number;
}

/** Cheaters who know of each other at once: they give the same wrong outputs, with the right fuel, and never contradict one another. */
export class Ring {
  private readonly said = new Map<string, boolean>();
  lies = 0;

  constructor(
    private readonly truth: Truth,
    private readonly habits: Habits,
  ) {}

  /** The script of one more of them. */
  member(): Script {
    let reported = 0;
    return async (task) => {
      const { greed, sleeps_for, random } = this.habits;
      const awake = reported++ >= sleeps_for;
      const key = `${task.lease.job_id}/${task.index}`;
      const lies = this.said.get(key) ?? (awake && random() < greed);
      this.said.set(key, lies);
      const right = await this.truth.result(task);
      if (!lies) return right;
      this.lies++;
      return resultOf(task, `lie about ${task.index}`, { fuel_used: Number(right.fuel_used) });
    };
  }
}

export const honest =
  (truth: Truth): Script =>
  (task: WireTask) =>
    truth.result(task);
