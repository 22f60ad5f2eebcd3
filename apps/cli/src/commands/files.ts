import type { CheckReport } from '#sdk';
import { CAPABILITY_HELP, capabilityText } from '../capability-text.js';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { interruptible } from '../interrupt.js';
import { sizeText } from '../transfer-bar.js';

/** `heap check <capability>`: ends with 1 when the file cannot be read. */
export function checkCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('says how well a file is kept, what is missing and how much more may go; ends with 1 when it cannot be read now')
    .argument('[capability]', 'a verify capability is enough')
    .option('--deep', "fetch every piece and check it, instead of believing the heap's audits")
    .addHelpText('after', CAPABILITY_HELP)
    .runs((capability: string | undefined, { deep }: { deep?: boolean }) =>
      interruptible(context.terminal, async (signal) => {
        const text = await capabilityText(context.terminal, capability);
        const report = await context.heap().check(text, { deep: deep ?? false, signal });
        await context.terminal.answer(report, () => reportText(report));
        return report.healthy ? EXIT.ok : EXIT.failed;
      }),
    );
}

function reportText(report: CheckReport): string {
  const counts = Object.entries(report.pieces).map(([state, count]) => `${count} ${state}`);
  const missing = report.missing.slice(0, 10).map(({ ordinal, index, state }) => `${ordinal}/${index} ${state}`);
  const more = report.missing.length - missing.length;
  return [
    report.sentence,
    `File ${report.file_id}, ${report.class}: ${report.segments} ${report.segments === 1 ? 'segment' : 'segments'}, ${sizeText(report.bytes)} of ciphertext, any ${report.k} of ${report.n} pieces; ${counts.join(', ') || 'no pieces'}`,
    ...(missing.length > 0 ? [`Not there (segment/piece): ${missing.join(', ')}${more > 0 ? ` and ${more} more` : ''}`] : []),
  ].join('\n');
}

/** `heap rm <capability>` */
export function rmCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('deletes a file of yours at the devices that keep it; names of it in directories stay until `heap unlink`')
    .argument('[capability]')
    .addHelpText('after', CAPABILITY_HELP)
    .runs(async (capability: string | undefined) => {
      const file = await context.heap().rm(await capabilityText(context.terminal, capability));
      await context.terminal.answer(file, () => `Deleted file ${file.id}.`);
      return EXIT.ok;
    });
}
