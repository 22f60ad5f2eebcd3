import { InvalidArgumentError, Option } from 'commander';
import { HeapError, MARKETS, SLOT_CLASSES } from '#units';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { idOf } from '../options.js';
import { type Checked, checkChain, checkRound } from '../receipts.js';
import { marketOf } from './market.js';

interface VerifyOptions {
  since?: Date;
  class?: string;
}

/** `heap round <id>` shows a receipt, `heap round verify` recomputes one or a chain of them. */
export function roundCommand(context: Context, command: CliCommand): CliCommand {
  command.description('shows the receipt of a round, or verifies it');
  (command.command('show') as CliCommand)
    .description('the receipt: what was offered and wanted, who got what at which price')
    .argument('<id>')
    .runs(async (id: string) => {
      const round = await context.heap().round(checkedId(id));
      await context.terminal.write(`${JSON.stringify(round, null, context.terminal.json ? undefined : 2)}\n`);
      return EXIT.ok;
    });
  (command.command('verify') as CliCommand)
    .description(
      'recomputes a round from its own receipt on this machine, and its place in the chain of its market; without an id all receipts of a market, or of all markets',
    )
    .argument('[id]')
    .addOption(
      new Option('--class <market>', 'the chain of this market; a slot class alone is the market for work').choices([
        ...SLOT_CLASSES,
        ...MARKETS,
      ]),
    )
    .option('--since <instant>', 'only rounds cleared then or later: 2027-01-31T18:00:00Z', instant)
    .runs((id: string | undefined, options: VerifyOptions) => verify(context, id, options));
  return command;
}

async function verify(context: Context, id: string | undefined, { since, class: market }: VerifyOptions): Promise<number> {
  const heap = context.heap();
  if (id !== undefined && (since || market)) throw new HeapError('usage', 'Give an id, or --class and --since, not both.', 'user');
  const checked: Checked[] =
    id !== undefined
      ? [await checkRound(heap, checkedId(id))]
      : await Promise.all((market ? [marketOf(market)] : MARKETS).map((one) => checkChain(heap, one, since)));
  const broken = checked.find((one) => !one.holds);
  await context.terminal.answer(id === undefined ? checked : checked[0], () => checked.map(checkedText).join('\n'));
  return broken ? EXIT.failed : EXIT.ok;
}

function checkedText(checked: Checked): string {
  const { market, rounds } = checked;
  if (checked.holds)
    return rounds === 0
      ? `${market}: no rounds.`
      : `${market}: ${rounds === 1 ? 'the receipt holds' : `${rounds} receipts hold`}: recomputed from their inputs, each with the hash of the one before, up to round ${checked.number} (${checked.hash}).`;
  const { number, round_id, at, expected, found, byte } = checked;
  return `${market}: round ${number} (${round_id}) does not hold at ${at}${byte === undefined ? '' : `, byte ${byte}`}: expected ${expected}, found ${found}.`;
}

const checkedId = (id: string): string => idOf(id, 'a round', 'heap job <id> --receipt --json');

function instant(text: string): Date {
  const date = new Date(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(date.getTime()))
    throw new InvalidArgumentError('Write an instant like 2027-01-31T18:00:00Z.');
  return date;
}
