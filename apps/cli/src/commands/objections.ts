import { Option } from 'commander';
import { OBJECTION_OUTCOMES } from '#protocol';
import type { ObjectionInfo } from '#sdk';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { Money } from '../money.js';
import { money as amount, idOf, whole } from '../options.js';
import { table } from '../terminal.js';

const place = whole(0);
const places = (text: string): number[] => text.split(',').map(place);
const about = ({ job_id, lease_id, tasks }: ObjectionInfo): string => {
  if (tasks.length > 0) return `${job_id}, ${tasks.length === 1 ? `task ${tasks[0]}` : `${tasks.length} tasks`}`;
  return lease_id === null ? job_id : `${job_id}, lease ${lease_id}`;
};

/** `heap object <job> --because "…"`: stops the release of what was paid for it. */
export function objectCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('objects to work that you paid for and that is not released to its owners yet')
    .argument('<job>', 'the job')
    .requiredOption('--because <text>', 'what is wrong')
    .option('--tasks <list>', 'only these tasks: 3,17,40', places)
    .option('--lease <id>', 'only the work of this lease')
    .runs(async (job: string, options: { because: string; tasks?: number[]; lease?: string }) => {
      const heap = context.heap();
      const what = { ...(options.tasks && { tasks: options.tasks }), ...(options.lease !== undefined && { leaseId: options.lease }) };
      const objection = await heap.job(idOf(job, 'a job', 'heap jobs')).object(options.because, what);
      const money = await Money.of(heap);
      await context.terminal.answer(
        objection,
        () => `${objection.objection_id}: ${money.format(objection.amount_micro)} are not released. ${objection.reason.sentence}`,
      );
      return EXIT.ok;
    });
}

/** `heap objections`: yours, and those against your devices' work. */
export function objectionsCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('lists your objections and those against work of your devices, and how they were decided')
    .option('--open', 'only those that wait for a decision')
    .option('--all', 'everybody’s, for admins of the heap')
    .runs(async (options: { open?: boolean; all?: boolean }) => {
      const heap = context.heap();
      const objections = await heap.objections({ ...(options.open && { state: 'OPEN' as const }), ...(options.all && { all: true }) });
      const money = await Money.of(heap);
      await context.terminal.answer(objections, () =>
        objections.length
          ? table(
              ['OBJECTION', 'AS', 'ABOUT', 'AMOUNT', 'BACK', 'COMPLAINT', 'WHY'],
              objections.map((o) => [
                o.objection_id,
                o.as,
                about(o),
                money.format(o.amount_micro),
                o.refund_micro === null ? '' : money.format(o.refund_micro),
                o.complaint,
                o.reason.sentence,
              ]),
            )
          : 'There are no objections.',
      );
      return EXIT.ok;
    });
}

/** `heap decide <objection> --for owner --because "…"`, for admins. */
export function decideCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('decides an objection, once and for ever; for admins of the heap')
    .argument('<objection>', 'the objection')
    .addOption(
      new Option('--for <side>', 'who is right; `split` says with --refund how much goes back')
        .choices(OBJECTION_OUTCOMES)
        .makeOptionMandatory(),
    )
    .requiredOption('--because <text>', 'why, for both sides to read')
    .option('--refund <amount>', 'how much goes back of a split', amount)
    .runs(async (objection_id: string, options: { for: (typeof OBJECTION_OUTCOMES)[number]; because: string; refund?: string }) => {
      const heap = context.heap();
      const decided = await heap.decideObjection(idOf(objection_id, 'an objection', 'heap objections --all'), {
        outcome: options.for,
        reason: options.because,
        ...(options.refund !== undefined && { refund: options.refund }),
      });
      const money = await Money.of(heap);
      await context.terminal.answer(
        decided,
        () => `${money.format(decided.refund_micro ?? 0n)} of ${money.format(decided.amount_micro)} go back to the developer.`,
      );
      return EXIT.ok;
    });
}

/** `heap correct <job> --tasks 3,4 --because "…"`, for admins. */
export function correctCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('takes back what results earned that were proven wrong; for admins of the heap')
    .argument('<job>', 'the job')
    .requiredOption('--tasks <list>', 'the tasks: 3,17,40', places)
    .requiredOption('--because <text>', 'the proof')
    .runs(async (job: string, options: { tasks: number[]; because: string }) => {
      const heap = context.heap();
      const done = await heap.correct(idOf(job, 'a job', 'heap jobs'), options.tasks, options.because);
      const money = await Money.of(heap);
      await context.terminal.answer(
        done,
        () =>
          `${money.format(done.refunded_micro)} that were held went back, ${money.format(done.clawed_back_micro)} were taken back, ${money.format(done.debt_micro)} are owed.`,
      );
      return EXIT.ok;
    });
}
