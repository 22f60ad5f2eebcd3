import { createReadStream, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Heap, PutOptions } from '#sdk';
import { HeapError } from '#units';
import { capabilityText } from '../capability-text.js';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { interruptible } from '../interrupt.js';
import { TransferBar } from '../transfer-bar.js';
import { UploadJournal } from '../uploads.js';
import { buyVolume, readyOrSay } from './volume.js';

interface Options {
  volume?: string;
  into?: string;
  fresh?: boolean;
  yes?: boolean;
}

/** `heap put <file|->` prints the capability. */
export function putCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .summary('store a file: prints its capability')
    .description(
      'Encrypts a file, spreads it over many devices and prints its read capability, the only thing that opens it. An upload that broke off goes on\n' +
        'where it was when the same command is run again: what that takes, with the keys, is kept beside the profile until it is done.',
    )
    .argument('<file>', 'a file, or - for standard input')
    .option('--volume <volume>', 'the name or id of a volume (default: the one named default, or the only one)')
    .option('--into <place>', 'link it in a directory: its write capability, a slash and the name; or @file:name')
    .option('--fresh', 'begin anew even if an upload of this file broke off')
    .option('--yes', 'without a volume: buy one of 1 GB for a month without a question')
    .runs((file: string, options: Options) => interruptible(context.terminal, (signal) => put(context, file, options, signal)));
}

async function put(context: Context, file: string, options: Options, signal: AbortSignal): Promise<number> {
  const { terminal } = context;
  const heap = context.heap();
  const info = file === '-' ? null : await stat(file);
  if (info?.isDirectory()) throw new HeapError('unreadable_file', `${file} is a directory: pack it, as with tar, and put that.`, 'user');
  const into = options.into === undefined ? undefined : await capabilityText(terminal, options.into);
  const journal = file === '-' ? null : await UploadJournal.of(file, [heap.url, options.volume ?? '', into ?? '']);
  const resume = options.fresh ? null : ((await journal?.resume()) ?? null);
  if (into === undefined && resume === null) await volumeFor(context, heap, options, signal);
  const bar = new TransferBar(terminal, true);
  let bytes = 0;
  const given: PutOptions = {
    signal,
    ...(options.volume !== undefined && { volume: options.volume }),
    ...(into !== undefined && { into }),
    ...(resume !== null && { resume }),
    onResumable: (token) => journal?.keep(token),
    onProgress: (progress) => {
      bytes = progress.bytes;
      const stored = progress.phase === 'storing' ? 'Everything is sent; devices are fetching it.' : null;
      bar.update({ bytes, total: info?.size ?? progress.total, waits: progress.waits ?? stored });
    },
  };
  try {
    const capability = await heap.put(file === '-' ? terminal.stdin : createReadStream(file), given);
    bar.stop();
    await terminal.answer({ capability, bytes, resumed: resume !== null }, () => capability);
    await journal?.forget();
    if (info === null || (await isAsBefore(file, info))) return EXIT.ok;
    terminal.note(`${file} was changed while it was read: what is stored may be partly old and partly new. Put it again.`);
    return EXIT.failed;
  } catch (error) {
    bar.stop();
    const over = error instanceof HeapError && OVER.has(error.code);
    if (over) await journal?.forget();
    else if (journal && (await journal.resume()) !== null)
      terminal.note('Nothing is lost: run the same command again, and it goes on where it was.');
    throw error;
  }
}

async function isAsBefore(file: string, { size, mtimeMs, ino }: Stats): Promise<boolean> {
  const now = await stat(file).catch(() => null);
  return now !== null && now.size === size && now.mtimeMs === mtimeMs && now.ino === ino;
}

/** Nothing is left to be gone on with. */
const OVER: ReadonlySet<string> = new Set(['source_changed', 'file_deleted', 'bad_resume_token', 'volume_ended', 'not_found']);

/** Buys the first volume where there is none, if that is wanted. @throws HeapError as `Volumes.find` does */
async function volumeFor({ terminal }: Context, heap: Heap, { volume, yes }: Options, signal: AbortSignal): Promise<void> {
  try {
    const { state, name, id, reason } = await heap.volumes.find(volume);
    if (state === 'WAITING') terminal.note(`The volume ${name || id} has too few devices yet: ${reason.sentence}`);
  } catch (error) {
    if (!(error instanceof HeapError) || error.code !== 'no_volume') throw error;
    if (!yes && !terminal.stderr.isTTY)
      throw new HeapError(
        'no_volume',
        'You have no volume yet: buy one with `heap volume create`, or say --yes to buy one of 1 GB for a month at twice the present price at most.',
        'user',
      );
    terminal.note('You have no volume yet.');
    const fitting = await heap.volumes.fitting();
    if (fitting.class !== 'standard') terminal.note(fitting.reason);
    const bought = await buyVolume(terminal, heap, { name: 'default', class: fitting.class }, yes ?? false, signal);
    await readyOrSay(terminal, heap, bought, signal);
  }
}
