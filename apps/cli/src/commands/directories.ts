import type { Listing } from '#sdk';
import { CAPABILITY_HELP, capabilityText } from '../capability-text.js';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { table } from '../terminal.js';

/** `heap mkdir` prints the write capability of a new directory. */
export function mkdirCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('makes a directory and prints its write capability')
    .argument('[place]', 'link it in another: the write capability of that, a slash and the name')
    .option(
      '--volume <volume>',
      'the name or id of a volume (default: that of the other directory, the one named default, or the only one)',
    )
    .addHelpText('after', CAPABILITY_HELP)
    .runs(async (place: string | undefined, { volume }: { volume?: string }) => {
      const into = place === undefined ? undefined : await capabilityText(context.terminal, place);
      const capability = await context.heap().mkdir({ ...(into !== undefined && { into }), ...(volume !== undefined && { volume }) });
      await context.terminal.answer({ capability }, () => capability);
      return EXIT.ok;
    });
}

/** `heap ls <capability>` */
export function lsCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('lists what lies in a directory')
    .argument('[capability]')
    .option('--capabilities', 'show the capability of each, too')
    .addHelpText('after', CAPABILITY_HELP)
    .runs(async (capability: string | undefined, { capabilities }: { capabilities?: boolean }) => {
      const listing = await context.heap().ls(await capabilityText(context.terminal, capability));
      await context.terminal.answer(listing, () => listingText(listing, capabilities ?? false));
      return EXIT.ok;
    });
}

function listingText({ entries }: Listing, capabilities: boolean): string {
  if (entries.length === 0) return 'The directory is empty.';
  return table(
    ['NAME', 'KIND', 'ACCESS', 'BYTES', 'MODIFIED', ...(capabilities ? ['CAPABILITY'] : [])],
    entries.map(({ name, kind, access, bytes, modified, capability }) => [
      ...[name, kind, access, bytes === null ? '' : String(bytes), modified.toISOString()],
      ...(capabilities ? [capability] : []),
    ]),
  );
}

/** `heap link <place> <capability>` */
export function linkCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('gives a file or a directory a name in a directory')
    .argument('<place>', 'the write capability of the directory, a slash and the name')
    .argument('[capability]', 'what it names')
    .option('--replace', 'even if the name is taken')
    .addHelpText('after', CAPABILITY_HELP)
    .runs(async (place: string, capability: string | undefined, { replace }: { replace?: boolean }) => {
      const [where, what] = [await capabilityText(context.terminal, place), await capabilityText(context.terminal, capability)];
      await context.heap().link(where, what, { replace: replace ?? false });
      await context.terminal.answer({ linked: true }, () => 'Linked.');
      return EXIT.ok;
    });
}

/** `heap unlink <place>` */
export function unlinkCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('takes a name out of a directory; what it named stays')
    .argument('<place>', 'the write capability of the directory, a slash and the name')
    .addHelpText('after', CAPABILITY_HELP)
    .runs(async (place: string) => {
      const capability = await context.heap().unlink(await capabilityText(context.terminal, place));
      await context.terminal.answer({ capability }, () => 'Unlinked.');
      return EXIT.ok;
    });
}
