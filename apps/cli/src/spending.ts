import { checkWork, type FileInput, type Heap, type Job, type ModuleInput, type Plan, readTask, type TaskFile, type Terms } from '#sdk';
import { HeapError } from '#units';
import { ask } from './ask.js';
import { expectation } from './expectation.js';
import { Money } from './money.js';
import type { Terminal } from './terminal.js';

export interface Offer {
  money: Money;
  plan: Plan;
  /** The terms with their bounds fixed to what was shown. */
  terms: Terms;
}

export interface Spending {
  /** The number of tasks, where it is known. */
  tasks: number | null;
  work: ModuleInput | FileInput;
  /** `--yes`: what is shown is accepted. */
  yes: boolean;
}

/** Shows what it may cost before anything is spent, has a budget that nobody gave confirmed, and fixes the bounds to what was shown. */
export async function showPrice(terminal: Terminal, heap: Heap, terms: Terms, spending: Spending, signal: AbortSignal): Promise<Offer> {
  const { tasks, work, yes } = spending;
  const [money, plan] = await Promise.all([Money.of(heap), heap.plan(terms, { tasks, work, signal })]);
  const now = plan.price_micro === null ? 'no offer at present' : `${money.format(plan.price_micro)} per 10¹² fuel now`;
  terminal.note(
    `Price: ${now}, at most ${money.format(plan.max_price_micro)}. Budget: ${money.format(plan.budget_micro)}, held until the end; it never costs more.`,
  );
  if (plan.verifier_budget_micro > 0n)
    terminal.note(`Your verifier: at most ${money.format(plan.verifier_budget_micro)} beside that, held too.`);
  for (const line of expectation(plan.estimate, money)) terminal.note(line);
  if (plan.slots_now === 0) terminal.note(plan.reason.sentence);
  if (terms.budget === undefined && !yes) await confirm(terminal, money.format(plan.budget_micro), signal);
  return { money, plan, terms: { ...terms, maxPrice: plan.max_price_micro, budget: plan.budget_micro } };
}

/** @throws HeapError `budget_unconfirmed` where nobody can be asked, `declined` where the answer is not yes. */
async function confirm(terminal: Terminal, budget: string, signal: AbortSignal): Promise<void> {
  const answer = await ask(terminal, `Hold ${budget} and run? [y/N] `, signal);
  if (answer === null)
    throw new HeapError(
      'budget_unconfirmed',
      'No budget was given and nobody is here to ask: give one with --budget <amount>, or accept the one shown with --yes.',
      'user',
      { flags: ['--budget', '--yes'] },
    );
  if (!/^y(es)?$/i.test(answer.trim())) throw new HeapError('declined', 'Nothing was placed and nothing was paid.', 'user');
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
