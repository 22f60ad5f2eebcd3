import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { Money } from '../money.js';
import { idOf } from '../options.js';
import { table } from '../terminal.js';

interface PenaltyOptions {
  appeal?: string;
  because?: string;
  all?: boolean;
}

/** `heap penalties`: what devices were punished for, until when, and how to appeal. */
export function penaltiesCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('lists penalties of your devices for wrong results, until when they last, and appeals them')
    .option('--appeal <penalty>', 'have its task run once more, independently: that decides')
    .option('--because <text>', 'why you appeal')
    .option('--all', 'everybody’s, for admins of the heap')
    .runs(async ({ appeal, because, all }: PenaltyOptions) => {
      const { verification } = context.heap();
      if (appeal !== undefined) {
        const penalty = await verification.appeal(idOf(appeal, 'a penalty', 'heap penalties'), because ?? 'The result was right.');
        await context.terminal.answer(penalty, () => penalty.how_to_appeal);
        return EXIT.ok;
      }
      const penalties = await verification.penalties({ ...(all && { all }) });
      const money = await Money.of(context.heap());
      await context.terminal.answer(penalties, () =>
        penalties.length
          ? table(
              ['PENALTY', 'NODE', 'KIND', 'STATE', 'UNTIL', 'TAKEN', 'WHY', 'APPEAL'],
              penalties.map((p) => [
                p.penalty_id,
                p.node_id,
                p.kind,
                p.state,
                p.lapses_at ?? '',
                money.format(p.voided_micro),
                p.decision?.sentence ?? p.reason.sentence,
                p.how_to_appeal,
              ]),
            )
          : 'None of your devices has a penalty.',
      );
      return EXIT.ok;
    });
}

/** `heap levels`: how results can be checked. */
export function levelsCommand(context: Context, command: CliCommand): CliCommand {
  return command.description('says how results can be checked, what each level promises and what it costs').runs(async () => {
    const levels = await context.heap().verification.levels();
    await context.terminal.answer(levels, () =>
      table(
        ['LEVEL', 'WRONG AT MOST', 'PRICE', 'EXECUTIONS', 'HOW'],
        levels.map((l) => [
          l.level,
          l.expected_error === null ? 'not checked' : `${l.expected_error * 100} %`,
          `× ${l.price_factor}`,
          String(l.expected_executions),
          l.sentence,
        ]),
      ),
    );
    return EXIT.ok;
  });
}
