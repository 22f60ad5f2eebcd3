import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { table } from '../terminal.js';

/** `heap modules`: what you have put, and what nodes make of it. */
export function modulesCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .summary('lists the modules that you have put, newest first')
    .description(
      'Lists the modules that you have put, newest first: the SHA-256 of your bytes, and of what every node makes of them with this meter and\n' +
        'then runs. `sha256sum task.wasm` gives the first; for a script it is that of what was sent, bundled and without types.',
    )
    .runs(async () => {
      const modules = await context.heap().modules();
      await context.terminal.answer(modules, () =>
        modules.length
          ? table(
              ['MODULE', 'METERED', 'METER', 'KIND', 'BYTES', 'PUT'],
              modules.map((m) => [m.hash, m.metered_hash, m.meter_id, m.kind, String(m.bytes), m.created_at]),
            )
          : 'You have put no modules: `heap run task.ts` puts one and runs it.',
      );
      return EXIT.ok;
    });
}
