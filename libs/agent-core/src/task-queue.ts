import type { Body } from '#protocol';
import type { Bounds } from './bounds.js';
import { type HeldTask, heldTask, inputBytes } from './held-task.js';

/** The tasks of a lease that are not finished: in the order they came, each once, of its newest epoch. */
export class TaskQueue {
  private waiting: HeldTask[] = [];
  /** What waits or runs, by index. */
  private readonly known = new Map<number, HeldTask>();

  constructor(private readonly bounds: Pick<Bounds, 'tasks_held' | 'input_bytes_held'>) {}

  /** @returns those that a newer epoch replaced: they are cancelled. */
  add(tasks: Body<'tasks'>['tasks']): HeldTask[] {
    const replaced: HeldTask[] = [];
    for (const task of tasks) {
      const rival = this.known.get(task.index);
      if (rival && rival.epoch >= task.epoch) continue;
      if (rival) replaced.push(rival);
      const held = heldTask(task);
      this.known.set(task.index, held);
      this.waiting.push(held);
    }
    if (replaced.length > 0) this.cancel(replaced);
    return replaced;
  }

  get overflows(): boolean {
    let inline_bytes = 0;
    for (const { input } of this.waiting) if ('inline' in input) inline_bytes += input.inline.length;
    return this.waiting.length > this.bounds.tasks_held || inline_bytes > this.bounds.input_bytes_held;
  }

  /** The tasks that these keys name, waiting or running. */
  named(keys: readonly (readonly [index: number, epoch: number])[]): HeldTask[] {
    return keys.flatMap(([index, epoch]) => {
      const task = this.known.get(index);
      return task && task.epoch === epoch ? [task] : [];
    });
  }

  cancel(tasks: readonly HeldTask[]): void {
    for (const task of tasks) {
      task.cancelled = true;
      this.done(task);
    }
    this.waiting = this.waiting.filter((task) => !task.cancelled);
  }

  /** At most `count` tasks from the head, with at most `bytes` of input unless a single one has more. */
  take(count: number, bytes: number): HeldTask[] {
    let taken = 0;
    let taken_bytes = 0;
    for (const task of this.waiting) {
      taken_bytes += inputBytes(task);
      if (taken === count || (taken > 0 && taken_bytes > bytes)) break;
      taken += 1;
    }
    return this.waiting.splice(0, taken);
  }

  /** What was taken and did not run. */
  putBack(tasks: readonly HeldTask[]): void {
    if (tasks.length > 0) this.waiting = [...tasks, ...this.waiting];
  }

  /** Forgets a task that is finished. */
  done(task: HeldTask): void {
    if (this.known.get(task.index) === task) this.known.delete(task.index);
  }

  clear(): void {
    this.waiting = [];
    this.known.clear();
  }

  get empty(): boolean {
    return this.waiting.length === 0;
  }

  head(count: number): readonly HeldTask[] {
    return this.waiting.slice(0, count);
  }

  all(): readonly HeldTask[] {
    return this.waiting;
  }
}
