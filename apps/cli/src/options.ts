import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Terms } from '#sdk';
import { HeapError, parseMajor, SLOT_CLASSES, type SlotClass } from '#units';

/** For commander: a whole number within bounds, or a sentence. */
export const whole =
  (min: number, max: number = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = Number(text.replaceAll('_', ''));
    if (!Number.isSafeInteger(value) || value < min || value > max || text.trim() === '')
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    return value;
  };

/** Fifteen digits of micro-units: more than that no request takes. */
const AMOUNT_MAX = 999_999_999_999_999n;

export function money(text: string): string {
  let amount: bigint;
  try {
    amount = parseMajor(text);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
  if (amount > AMOUNT_MAX) throw new InvalidArgumentError('It must be less than 1000000000.');
  return text;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An id as it was typed. @throws HeapError `bad_id`, which says what shows the right ones: `idOf(text, 'a job', 'heap jobs')` */
export function idOf(text: string, what: string, command: string): string {
  if (UUID.test(text)) return text;
  throw new HeapError('bad_id', `"${text}" is not the id of ${what}: \`${command}\` lists them.`, 'user');
}

/** For commander: an option that may be given several times. */
export const collected =
  <T>(parse: (text: string) => T) =>
  (text: string, before: T[] | undefined): T[] => [...(before ?? []), parse(text)];

const UNITS: Readonly<Record<string, number>> = { '': 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

/** A size: `4096`, `64KB`, `16MB`. */
export function bytes(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,12})\s?([KMG]B)?$/i.exec(text.trim()) ?? [];
  const value = Number(digits) * (UNITS[unit.toUpperCase()] ?? Number.NaN);
  if (!(value >= 1)) throw new InvalidArgumentError('It must be a size such as 4096, 64KB or 16MB.');
  return value;
}

/** For commander: `name=…`, gathered from each use of the option. */
const pair =
  (what: string) =>
  (text: string, gathered: Readonly<Record<string, string>> = {}): Record<string, string> => {
    const at = text.indexOf('=');
    if (at < 1) throw new InvalidArgumentError(`It must be written as name=${what}.`);
    const name = text.slice(0, at);
    if (Object.hasOwn(gathered, name)) throw new InvalidArgumentError(`${name} is given twice.`);
    return { ...gathered, [name]: text.slice(at + 1) };
  };

function readFiles(files: Readonly<Record<string, string>>): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(files).map(([path, file]) => [path, new Uint8Array(readFileSync(file))]));
}

export interface TermOptions {
  maxPrice?: string;
  budget?: string;
  slots?: number;
  class?: SlotClass;
  fuel?: number;
  wallMs?: number;
  outputBytes?: number;
  attempts?: number;
  name?: string;
  file?: Readonly<Record<string, string>>;
  scratch?: number;
  env?: Readonly<Record<string, string>>;
  seed?: string;
  yes?: boolean;
}

/** What every command that spends money takes. */
export function withTerms<C extends Command>(command: C): C {
  return withWorkTerms(command).option('--yes', 'accept the budget that is shown, without a question');
}

/** What a job may say about its size and its bounds. */
export function withWorkTerms<C extends Command>(command: C): C {
  return command
    .option('--max-price <amount>', 'the most it pays per 10¹² fuel, for example 0.001 (default: twice the present price)', money)
    .option(
      '--budget <amount>',
      'held before anything runs; it never costs more (default: what it can cost, at most 1.00, and you are asked)',
      money,
    )
    .option('--slots <n>', 'slots at a time (default: 4)', whole(1, 10_000))
    .addOption(
      new Option('--class <class>', 'memory of a slot: nano 32 MiB, micro 128 MiB, small 512 MiB, large 2 GiB (default: micro)').choices(
        SLOT_CLASSES,
      ),
    )
    .option('--fuel <n>', 'the most fuel a task may burn (default: 10_000_000_000)', whole(1))
    .option('--wall-ms <ms>', 'the longest a task may run on a node (default: 60000)', whole(10, 3_600_000))
    .option('--output-bytes <n>', 'the largest output of a task (default: 1 MiB)', whole(0))
    .option('--attempts <n>', 'how often a task without a verdict is tried (default: 3)', whole(1, 10))
    .option('--file <path=file>', 'a file the program may read, by where it finds it: data/model.bin=./model.bin; repeatable', pair('file'))
    .option('--scratch <size>', 'room for files of its own in /tmp, in memory, gone with each task: 16MB', bytes)
    .option('--env <NAME=value>', 'an environment variable; repeatable', pair('value'))
    .option('--seed <text>', "the same seed draws the same random numbers (default: the job's id)")
    .option('--name <name>', 'a name for lists (default: the file)');
}

export function termsOf(options: TermOptions, file: string, args: readonly string[]): Terms {
  const given: Terms = {
    name: options.name ?? file,
    args,
    ...(options.maxPrice !== undefined && { maxPrice: options.maxPrice }),
    ...(options.budget !== undefined && { budget: options.budget }),
    ...(options.slots !== undefined && { slots: options.slots }),
    ...(options.class !== undefined && { slotClass: options.class }),
    ...(options.fuel !== undefined && { fuelLimit: options.fuel }),
    ...(options.wallMs !== undefined && { wallLimitMs: options.wallMs }),
    ...(options.outputBytes !== undefined && { outputLimit: options.outputBytes }),
    ...(options.attempts !== undefined && { maxAttempts: options.attempts }),
    ...(options.file !== undefined && { files: readFiles(options.file) }),
    ...(options.scratch !== undefined && { scratch: options.scratch }),
    ...(options.env !== undefined && { env: options.env }),
    ...(options.seed !== undefined && { seed: options.seed }),
  };
  return given;
}
