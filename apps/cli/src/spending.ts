import { checkWork, type Heap, type Job, type Plan, readTask, type TaskFile, type Terms } from '#sdk';
import { Money } from './money.js';
import type { Terminal } from './terminal.js';

export interface Offer {
  money: Money;
  plan: Plan;
  /** The terms with their bounds fixed to what was shown. */
  terms: Terms;
}

/** Shows the price before anything is spent, and fixes the bounds to what was shown. */
export async function showPrice(terminal: Terminal, heap: Heap, terms: Terms, tasks: number | null, signal: AbortSignal): Promise<Offer> {
  const [money, plan] = await Promise.all([Money.of(heap), heap.plan(terms, tasks, signal)]);
  const now = plan.price_micro === null ? 'no offer at present' : `${money.format(plan.price_micro)} per 10¹² fuel now`;
  terminal.note(
    `Price: ${now}, at most ${money.format(plan.max_price_micro)}. Budget: ${money.format(plan.budget_micro)}, held until the end; it never costs more.`,
  );
  if (plan.slots_now === 0) terminal.note(plan.reason.sentence);
  return { money, plan, terms: { ...terms, maxPrice: plan.max_price_micro, budget: plan.budget_micro } };
}

/** After an end before its time: what was paid all the same. */
export async function sayWhatWasPaid(terminal: Terminal, money: Money | undefined, job: Job | undefined): Promise<void> {
  if (!job || !money) return;
  const info = await job.get().catch(() => null);
  if (!info) return terminal.note(`Job ${job.id}: the heap does not answer; \`heap job ${job.id} --cancel\` stops it later.`);
  const { done, failed, total } = info.tasks;
  const rest =
    info.finished_at === null
      ? `${money.format(info.held_micro)} still held`
      : `${money.format(info.budget_micro - info.charged_micro)} returned`;
  terminal.note(`Job ${job.id}: ${done + failed} of ${total} tasks settled, ${money.format(info.charged_micro)} paid, ${rest}.`);
}

/** A module, checked as far as that is possible without a heap. */
export async function readModule(file: string): Promise<TaskFile> {
  const task = await readTask(file);
  checkWork(task);
  return task;
}
