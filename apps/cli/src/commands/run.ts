import { buffer } from 'node:stream/consumers';
import { Option } from 'commander';
import { type Codec, fromVolume, type Job } from '#sdk';
import { formatJoules, HeapError } from '#units';
import { capabilityText } from '../capability-text.js';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { interruptible } from '../interrupt.js';
import type { Money } from '../money.js';
import { type TermOptions, termsOf, withTerms } from '../options.js';
import { type OrderOptions, orderTermsOf, withOrderTerms } from '../order-options.js';
import { ProgressBar } from '../progress-bar.js';
import { readModule, sayWhatWasPaid, showPrice } from '../spending.js';
import type { Terminal } from '../terminal.js';

interface RunOptions extends TermOptions, OrderOptions {
  codec: Codec;
  inputCap?: string;
  toVolume?: string;
}

/** `heap run <module> < in > out`: one program, one input, its own exit code. */
export function runCommand(context: Context, command: CliCommand): CliCommand {
  return withOrderTerms(withTerms(command))
    .summary('run one program: standard input in, standard output out')
    .description(
      "Runs a WebAssembly program (WASI) or a JavaScript or TypeScript file (export default (input) => output) once on somebody's device. Standard input is its\n" +
        "input, its output goes to standard output, its logs and the cost to standard error. Ends with the program's exit code.",
    )
    .argument('<module>', 'a .js, .ts or .wasm file')
    .argument('[args...]', 'arguments of the program, after --')
    .addOption(
      new Option('--codec <codec>', 'what a JavaScript handler takes: bytes, or the JSON value that they spell')
        .choices(['bytes', 'json'])
        .default('bytes'),
    )
    .option('--input-cap <capability>', 'its input is this file of a volume instead of standard input; as it is, as @file, or as -')
    .option('--to-volume <volume>', 'put its output into this volume and print the capability instead')
    .runs((file: string, args: string[], options: RunOptions) => run(context, file, args, options));
}

async function run(context: Context, file: string, args: string[], options: RunOptions): Promise<number> {
  const { terminal } = context;
  const { name, ...work } = await readModule(file);
  const heap = context.heap();
  let job: Job | undefined;
  let money: Money | undefined;
  let bar: ProgressBar | undefined;
  try {
    return await interruptible(terminal, async (signal) => {
      const input =
        options.inputCap === undefined
          ? await typed(terminal, options.codec)
          : fromVolume(await capabilityText(terminal, options.inputCap));
      const terms = { slots: 1, ...termsOf(options, name, args), ...orderTermsOf(options) };
      const offer = await showPrice(terminal, heap, terms, { tasks: 1, work, yes: options.yes ?? false }, signal);
      money = offer.money;
      bar = new ProgressBar(terminal, money, 1, true);
      const result = await heap.run({ ...work, codec: options.codec }, input, {
        ...offer.terms,
        ...(options.toVolume !== undefined && { outputs: { volume: options.toVolume } }),
        signal,
        onProgress: bar.update,
        onPlaced: ({ id }) => {
          job = heap.job(id);
        },
      });
      bar.stop();
      const { output, error, value: _, cost, job_id, ...rest } = result;
      const shown = !terminal.json && result.capability === null;
      if (terminal.json) await terminal.line({ job_id, ...rest, cost_micro: cost, output_base64: output });
      else await terminal.write(result.capability === null ? output : `${result.capability}\n`);
      // Or what it cost would be read as the end of the output: 9 and 0.01.
      if (shown && terminal.stdout.isTTY && output.length > 0 && output.at(-1) !== 10) terminal.note('');
      if (result.logs) terminal.stderr.write(result.logs.endsWith('\n') ? result.logs : `${result.logs}\n`);
      terminal.note(
        `${money.format(cost)} paid for ${result.fuel_used} fuel (${formatJoules(result.energy_joules_estimate)}) on node ${result.node}, job ${job_id}.`,
      );
      return result.exit_code ?? (error ? EXIT.failed : EXIT.ok);
    });
  } catch (error) {
    bar?.stop();
    const { logs } = error instanceof HeapError ? error.details : {};
    if (typeof logs === 'string' && logs) terminal.note(logs.trimEnd());
    await sayWhatWasPaid(terminal, money, job);
    throw error;
  }
}

async function typed(terminal: Terminal, codec: Codec): Promise<unknown> {
  // A terminal would wait for somebody to type.
  const bytes = terminal.stdin.isTTY ? new Uint8Array() : new Uint8Array(await buffer(terminal.stdin));
  return codec === 'json' ? jsonOf(bytes) : bytes;
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new HeapError('bad_input', `Standard input is not JSON (${(error as Error).message}); --codec bytes takes anything.`, 'user');
  }
}
