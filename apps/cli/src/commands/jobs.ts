import type { JobInfo } from '#sdk';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { Money } from '../money.js';
import { whole } from '../options.js';
import { table } from '../terminal.js';

const settled = ({ tasks }: JobInfo) => `${tasks.done + tasks.failed}/${tasks.total}${tasks.failed ? ` (${tasks.failed} failed)` : ''}`;

/** `heap jobs`: the newest first. */
export function jobsCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('lists your jobs, newest first')
    .option('--limit <n>', 'how many', whole(1, 100), 20)
    .option('--before <id>', 'the page behind this job')
    .runs(async (options: { limit: number; before?: string }) => {
      const heap = context.heap();
      const [jobs, money] = await Promise.all([heap.jobs(options), Money.of(heap)]);
      await context.terminal.answer(jobs, () =>
        jobs.length
          ? table(
              ['JOB', 'NAME', 'STATE', 'TASKS', 'PAID', 'PLACED'],
              jobs.map((job) => [job.id, job.name, job.state, settled(job), money.format(job.charged_micro), job.created_at]),
            )
          : 'You have no jobs: `heap map fn.js inputs.jsonl` makes one.',
      );
      return EXIT.ok;
    });
}
