import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Option } from 'commander';
import { type Codec, fromVolume, type Job, type TaskFailure, type TaskResult } from '#sdk';
import { HeapError } from '#units';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { interruptible } from '../interrupt.js';
import { checkJsonl, readJsonl } from '../jsonl.js';
import type { Money } from '../money.js';
import { type TermOptions, termsOf, withTerms } from '../options.js';
import { type OrderOptions, orderTermsOf, withOrderTerms } from '../order-options.js';
import { ProgressBar } from '../progress-bar.js';
import { readModule, sayWhatWasPaid, showPrice } from '../spending.js';
import { toJson } from '../terminal.js';

interface MapCommandOptions extends TermOptions, OrderOptions {
  out?: string;
  ordered?: boolean;
  failFast?: boolean;
  final?: boolean;
  codec: Codec;
  inputCaps?: boolean;
  toVolume?: string;
}

/** `heap map <module> <inputs>`: JSONL in, JSONL out. */
export function mapCommand(context: Context, command: CliCommand): CliCommand {
  return withOrderTerms(withTerms(command))
    .summary('run a function or module on every line of a JSONL file')
    .description(
      'Runs a JavaScript or TypeScript file (export default (input) => output) or a WebAssembly program on every line of a JSONL file and writes one line\n' +
        '{"index", "value"} or {"index", "error"} as each result arrives; --json adds cost, node, fuel and logs.',
    )
    .argument('<module>', 'a .js, .ts or .wasm file')
    .argument('<inputs>', 'a JSONL file, or - for standard input')
    .argument('[args...]', 'arguments of the program, after --')
    .option('--out <file>', 'write the results there')
    .option('--ordered', 'in the order of the inputs instead of as they arrive')
    .option('--final', 'write a result when it can no longer be proven wrong, instead of as it arrives')
    .option('--input-caps', 'each line is a capability ("heap-r1:…"), and the input is that file of a volume')
    .option('--to-volume <volume>', 'put each output into this volume and write its "capability" instead of its value')
    .option('--fail-fast', 'cancel the job at the first failed task')
    .addOption(new Option('--codec <codec>', 'what a WebAssembly program reads and writes').choices(['json', 'bytes']).default('json'))
    .runs((file: string, inputs: string, args: string[], options: MapCommandOptions) => run(context, file, inputs, args, options));
}

async function run(context: Context, file: string, inputs: string, args: string[], options: MapCommandOptions): Promise<number> {
  const { terminal } = context;
  const { name, ...work } = await readModule(file);
  const total = inputs === '-' ? null : await checkJsonl(inputs);
  const heap = context.heap();
  const out = options.out === undefined ? null : await open(options.out, 'w');
  let job: Job | undefined;
  let money: Money | undefined;
  let bar: ProgressBar | undefined;
  const counts = { done: 0, failed: 0 };
  try {
    return await interruptible(terminal, async (signal) => {
      const terms = { ...termsOf(options, name, args), ...orderTermsOf(options) };
      const offer = await showPrice(terminal, heap, terms, { tasks: total, work, yes: options.yes ?? false }, signal);
      money = offer.money;
      bar = new ProgressBar(terminal, money, total, out !== null || !terminal.stdout.isTTY);
      const source = inputs === '-' ? readJsonl(terminal.stdin, 'standard input') : readJsonl(createReadStream(inputs), inputs);
      const results = heap.map({ ...work, codec: options.codec }, options.inputCaps ? filesOf(source) : source, {
        ...offer.terms,
        signal,
        onTaskError: 'yield',
        ...(options.toVolume !== undefined && { outputs: { volume: options.toVolume } }),
        orderedResults: options.ordered ?? false,
        wait: options.final || offer.terms.verify ? 'final' : 'provisional',
        onProgress: bar.update,
      });
      results.job.then(
        (placed) => {
          job = placed;
        },
        () => undefined,
      );
      for await (const result of results) {
        counts[result.error ? 'failed' : 'done']++;
        const line = lineOf(result, terminal.json);
        if (out) await out.write(`${toJson(line)}\n`);
        else await terminal.line(line);
        if (result.error && options.failFast) throw result.error;
      }
      bar.stop();
      if (!job) throw new HeapError('no_inputs', 'There are no inputs, so no job was placed and nothing was paid.', 'user');
      const info = await job.get();
      terminal.note(`${counts.done} done, ${counts.failed} failed, ${money.format(info.charged_micro)} paid, job ${job.id}.`);
      if (out && terminal.json) await terminal.line({ job_id: job.id, ...counts, charged_micro: info.charged_micro, out: options.out });
      return counts.failed ? EXIT.failed : EXIT.ok;
    });
  } catch (error) {
    bar?.stop();
    await sayWhatWasPaid(terminal, money, job);
    throw error;
  } finally {
    await out?.close();
  }
}

async function* filesOf(lines: AsyncIterable<unknown>) {
  let line = 0;
  for await (const capability of lines) {
    line++;
    if (typeof capability !== 'string')
      throw new HeapError(
        'bad_input',
        `Input ${line} is no capability: with --input-caps each is a string that begins with heap-r1:.`,
        'user',
      );
    yield fromVolume(capability);
  }
}

function lineOf(result: TaskResult<unknown> | TaskFailure, whole: boolean) {
  const { index, seq, cost, node, fuel_used, logs, verdict, exit_code, output_hash } = result;
  const evidence = whole ? { seq, cost_micro: cost, node, fuel_used, verdict, exit_code, output_hash, logs } : {};
  if (result.error) return { index, error: { code: result.error.code, detail: result.error.message }, ...evidence };
  if (result.capability !== null) return { index, capability: result.capability, ...evidence };
  return { index, value: printable(result.value), ...evidence };
}

/** Bytes become text where they are UTF-8, and base64 where not. */
function printable(value: unknown): unknown {
  if (!(value instanceof Uint8Array)) return value ?? null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(value);
  } catch {
    return { base64: Buffer.from(value).toString('base64') };
  }
}
