import { randomBytes } from 'node:crypto';
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { InvalidArgumentError } from 'commander';
import { HeapError } from '#units';
import { CAPABILITY_HELP, capabilityText } from '../capability-text.js';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { interruptible } from '../interrupt.js';
import { TransferBar } from '../transfer-bar.js';

interface Range {
  offset: number;
  bytes?: number;
}
interface Options {
  output?: string;
  range?: Range;
}

/** `heap get <capability>`: the file to standard output, or into another. */
export function getCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .summary('read a file by its capability')
    .description('Fetches a file from the devices that keep it, checks it and writes it to standard output.')
    .argument('[capability]')
    .option('-o, --output <file>', 'write it there; the file is there when it is whole')
    .option('--range <offset:bytes>', 'only so many bytes from there, or all from there on: 1000:500, 1000:', range)
    .addHelpText('after', CAPABILITY_HELP)
    .runs((capability: string | undefined, options: Options) =>
      interruptible(context.terminal, async (signal) => get(context, await capabilityText(context.terminal, capability), options, signal)),
    );
}

async function get(context: Context, capability: string, options: Options, signal: AbortSignal): Promise<number> {
  const { terminal } = context;
  const { output } = options;
  if (terminal.json && output === undefined)
    throw new HeapError('usage', 'With --json the file goes elsewhere: name a file with --output.', 'user');
  const heap = context.heap();
  const bar = new TransferBar(terminal, output !== undefined || !terminal.stdout.isTTY);
  let moved = { bytes: 0, replaced: 0 };
  const parts = heap.get(capability, {
    signal,
    ...(options.range && { range: options.range }),
    onProgress: (progress) => {
      moved = progress;
      bar.update({ bytes: progress.bytes, total: progress.total, waits: null });
    },
  });
  try {
    if (output === undefined) for await (const part of parts) await terminal.write(part);
    else await write(output, parts);
  } finally {
    bar.stop();
  }
  if (output !== undefined && terminal.json) await terminal.line({ out: output, bytes: moved.bytes, replaced: moved.replaced });
  if (moved.replaced > 0) terminal.note(`${moved.replaced} pieces were away or wrong; others were taken.`);
  return EXIT.ok;
}

/**
 * Nobody takes half of it for the whole: it grows beside the file, under a name of its own, and takes the file's place when it is on the disk. What is
 * no file to be replaced, as /dev/null or a pipe, is written to.
 */
async function write(output: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
  const there = await stat(output).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (there?.isDirectory())
    throw new HeapError('output_is_directory', `${output} is a directory: say the name of the file in it, too.`, 'user');
  if (there && !there.isFile()) return into(await open(output, 'w'), parts);
  // Behind a symbolic link it is the file that changes.
  const target = there ? await realpath(output) : output;
  const beside = `${target}.${randomBytes(6).toString('hex')}.part`;
  try {
    await into(await open(beside, 'wx', there ? there.mode & 0o777 : 0o666), parts, (file) => file.sync());
    await rename(beside, target);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

async function into(file: FileHandle, parts: AsyncIterable<Uint8Array>, last?: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    for await (const part of parts) await file.writeFile(part);
    await last?.(file);
  } finally {
    await file.close();
  }
}

function range(text: string): Range {
  const [, offset, bytes] = /^(\d{1,15}):(\d{1,15})?$/.exec(text.trim()) ?? [];
  if (offset === undefined) throw new InvalidArgumentError('Write where it begins and how much: 1000:500, or 1000: for all from there on.');
  return { offset: Number(offset), ...(bytes !== undefined && { bytes: Number(bytes) }) };
}
