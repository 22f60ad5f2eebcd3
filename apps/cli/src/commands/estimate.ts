import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { expectation } from '../expectation.js';
import { Money } from '../money.js';
import { type TermOptions, termsOf, whole, withWorkTerms } from '../options.js';
import { type OrderOptions, orderTermsOf, withOrderTerms } from '../order-options.js';
import { readModule } from '../spending.js';

type EstimateOptions = TermOptions & OrderOptions & { tasks: number };

/** `heap estimate [module]`: what a job may expect, without placing it. */
export function estimateCommand(context: Context, command: CliCommand): CliCommand {
  return withOrderTerms(withWorkTerms(command))
    .description('says what a job may expect before it is placed: price, cost, time to the first result, and what would change them')
    .argument('[module]', 'a .js, .ts or .wasm file: earlier runs of it narrow the ranges; only its hash is sent')
    .option('--tasks <n>', 'how many tasks', whole(1, 1_000_000_000), 1)
    .runs(async (file: string | undefined, options: EstimateOptions) => {
      const heap = context.heap();
      const task = file === undefined ? null : await readModule(file);
      const terms = { ...termsOf(options, task?.name ?? '', []), ...orderTermsOf(options) };
      const [money, estimate] = await Promise.all([
        Money.of(heap),
        heap.estimate(terms, { tasks: options.tasks, ...(task && { work: task }) }),
      ]);
      await context.terminal.answer(estimate, () => {
        const now = estimate.price_micro === null ? 'no slot at present' : `${money.format(estimate.price_micro)} per 10¹² fuel`;
        return [
          `Now: ${now}, with a maximum of ${money.format(estimate.max_price_micro)}. ${estimate.reason.sentence}`,
          ...expectation(estimate, money),
        ].join('\n');
      });
      return EXIT.ok;
    });
}
