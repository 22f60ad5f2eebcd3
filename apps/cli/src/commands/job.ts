import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, JobInfo, JobVerification, Receipt, TaskInfo } from '#sdk';
import { formatJoules, formatMajor } from '#units';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { interruptible } from '../interrupt.js';
import { Money } from '../money.js';
import { idOf, whole } from '../options.js';
import { table } from '../terminal.js';

interface JobOptions {
  cancel?: boolean;
  receipt?: boolean;
  watch?: boolean;
  results?: boolean;
  task?: number;
  checks?: boolean;
}

const POLL_MS = 1_000;

/** `heap job <id>`: state and reason, cancel, receipt, results. */
export function jobCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('shows one job: its state and why, its counts and cost')
    .argument('<id>')
    .option('--cancel', 'stop it; finished tasks are paid, the rest of the budget returns')
    .option('--receipt', 'what was paid for, lease by lease')
    .option('--watch', 'show every change until it ends')
    .option('--results', 'write its results as JSONL, from the first')
    .option('--checks', 'how its results are checked, what is final of it, and what was paid back')
    .option('--task <index>', 'one of its tasks, by the place of its input: why it is where it is, and what each attempt came to', whole(0))
    .runs(async (id: string, options: JobOptions) => {
      const heap = context.heap();
      const job = heap.job(idOf(id, 'a job', 'heap jobs'));
      const money = await Money.of(heap);
      if (options.cancel) await job.cancel();
      if (options.results) return results(context, job);
      if (options.watch) return watch(context, job, money);
      if (options.task !== undefined) {
        const task = await job.task(options.task);
        await context.terminal.answer(task, () => taskText(task));
        return EXIT.ok;
      }
      if (options.checks) {
        const checks = await job.verification();
        await context.terminal.answer(checks, () => checksText(checks, money));
        return EXIT.ok;
      }
      if (options.receipt) {
        const receipt = await job.receipt();
        await context.terminal.answer(receipt, () => receiptText(receipt));
        return EXIT.ok;
      }
      const info = await job.get();
      await context.terminal.answer(info, () => jobText(info, money));
      return EXIT.ok;
    });
}

function checksText(
  { level, sentence, checked_by, results, checks, paid_back_micro, own_verifier }: JobVerification,
  money: Money,
): string {
  return [
    `Level ${level}: ${sentence}`,
    checked_by.sentence,
    `${results.final} final, ${results.provisional} provisional, ${results.refuted} refuted, ${results.unchecked} unchecked.`,
    `${checks.agreed} checks agreed, ${checks.differed} differed, ${checks.waiting} are under way.`,
    ...(checks.waits ? [checks.waits.sentence] : []),
    ...(paid_back_micro > 0n ? [`${money.format(paid_back_micro)} were paid back for wrong results.`] : []),
    ...(own_verifier ? verifierLines(own_verifier, money) : []),
  ].join('\n');
}

function verifierLines(verifier: NonNullable<JobVerification['own_verifier']>, money: Money): string[] {
  const { results: r, charged_micro, budget_micro, reason, rejections } = verifier;
  return [
    `Your verifier accepted ${r.accepted}, rejected ${r.rejected + r.upheld + r.overruled} (${r.upheld} of them wrong, ${r.overruled} right), failed on ${r.failed}; ${r.waiting} wait for it.`,
    `It cost ${money.format(charged_micro)} of at most ${money.format(budget_micro)}.`,
    ...(reason ? [`It is stopped: ${reason.sentence}`] : []),
    ...rejections.map(({ index, sentence }) => `Task ${index}: ${sentence}`),
  ];
}

function jobText(job: JobInfo, money: Money): string {
  const { tasks } = job;
  return [
    `Job ${job.id}${job.name ? ` "${job.name}"` : ''}: ${job.state}`,
    job.reason.sentence,
    `Tasks: ${tasks.total} in all, ${tasks.done} done, ${tasks.failed} failed, ${tasks.leased} on nodes, ${tasks.queued} waiting, ${tasks.cancelled} cancelled`,
    `Sees: ${job.may.join(' ')}`,
    `Paid: ${money.format(job.charged_micro)} of a budget of ${money.format(job.budget_micro)}; ${money.format(job.held_micro)} held`,
    `Energy: ${formatJoules(job.energy_joules_estimate)}, an estimate by the kinds of the devices`,
  ].join('\n');
}

function taskText({ index, state, reason, attempts }: TaskInfo): string {
  const rows = attempts.map((a) => [
    String(a.epoch),
    a.node_id,
    a.finished_at,
    a.outcome,
    a.verdict ?? '',
    a.verified?.sentence ?? a.detail ?? '',
  ]);
  const logs = attempts.flatMap(({ epoch, logs: text }) => (text === '' ? [] : [`Logs of attempt ${epoch}:`, text.trimEnd()]));
  return [
    `Task ${index}: ${state}`,
    `${reason.sentence} (${reason.code})`,
    ...(rows.length > 0 ? [table(['ATTEMPT', 'NODE', 'ENDED', 'OUTCOME', 'VERDICT', 'DETAIL'], rows)] : []),
    ...logs,
  ].join('\n');
}

function receiptText(receipt: Receipt): string {
  const money = new Money(receipt.currency, receipt.simulated);
  const lines = receipt.lines.map((l) => [
    l.lease_id,
    l.node_id,
    formatMajor(l.price_micro),
    String(l.tasks),
    l.fuel,
    formatMajor(l.charge_micro),
  ]);
  return [
    table(['LEASE', 'NODE', 'PRICE', 'TASKS', 'FUEL', 'CHARGE'], lines),
    `Charged ${money.format(receipt.charged_micro)} for ${receipt.tasks_charged} tasks and ${receipt.fuel_charged} fuel, ${feeText(receipt, money)}.`,
    `Energy: ${formatJoules(receipt.energy_joules_estimate)}, an estimate by the kinds of the devices.`,
    `Returned ${money.format(receipt.returned_micro)} of a budget of ${money.format(receipt.budget_micro)}.`,
  ].join('\n');
}

/** Charges are whole micro-units: a tenth of a few of them is none. */
const feeText = ({ fee_micro, charged_micro }: Receipt, money: Money): string =>
  fee_micro === 0n && charged_micro > 0n ? 'on which the fee rounds down to nothing' : `of which ${money.format(fee_micro)} is the fee`;

function watch({ terminal }: Context, job: Job, money: Money): Promise<number> {
  return interruptible(terminal, async (signal) => {
    for (let last = ''; ; ) {
      const info = await job.get(signal);
      const text = jobText(info, money);
      if (text !== last) await (terminal.json ? terminal.line(info) : terminal.write(`${text}\n\n`));
      last = text;
      if (info.finished_at !== null) return info.state === 'DONE' && info.tasks.failed === 0 ? EXIT.ok : EXIT.failed;
      await sleep(POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  });
}

function results({ terminal }: Context, job: Job): Promise<number> {
  return interruptible(terminal, async (signal) => {
    let failed = false;
    for await (const { index, value, error, cost, node, fuel_used, output } of job.results({ signal })) {
      failed ||= error !== null;
      const result = error
        ? { error: { code: error.code, detail: error.message } }
        : value instanceof Uint8Array
          ? { base64: output }
          : { value };
      await terminal.line({ index, ...result, cost_micro: cost, node, fuel_used });
    }
    return failed ? EXIT.failed : EXIT.ok;
  });
}
