import { Option } from 'commander';
import { describeCapability, weaken } from '#sdk';
import { CAPABILITY_HELP, capabilityText } from '../capability-text.js';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';

/** `heap capability weaken|show`: on this machine, without a heap. */
export function capabilityCommand(context: Context, command: CliCommand): CliCommand {
  command.description('makes weaker capabilities, which may be passed on; asks no heap');
  (command.command('weaken') as CliCommand)
    .description('the next weaker one: to read of one that writes, to check of one that reads')
    .argument('[capability]')
    .addOption(new Option('--to <access>', 'how weak').choices(['read', 'verify']))
    .addHelpText('after', CAPABILITY_HELP)
    .runs(async (given: string | undefined, { to }: { to?: 'read' | 'verify' }) => {
      const strong = await capabilityText(context.terminal, given);
      const { access } = await describeCapability(strong);
      const capability = await weaken(strong, to ?? (access === 'write' ? 'read' : 'verify'));
      await context.terminal.answer({ capability }, () => capability);
      return EXIT.ok;
    });
  (command.command('show') as CliCommand)
    .description('what it is for; shows nothing that is secret')
    .argument('[capability]')
    .addHelpText('after', CAPABILITY_HELP)
    .runs(async (given: string | undefined) => {
      const about = await describeCapability(await capabilityText(context.terminal, given));
      const allows = { read: 'reads', write: 'writes and reads', verify: 'checks' }[about.access];
      await context.terminal.answer(about, () => `It ${allows} the ${about.kind} ${about.id}.`);
      return EXIT.ok;
    });
  return command;
}
