import { Option } from 'commander';
import type { Heap, VolumeEstimate, VolumeHealth, VolumeInfo, VolumeTerms } from '#sdk';
import { HeapError, VOLUME_CLASSES, VOLUME_CODES, type VolumeClass } from '#units';
import { ask } from '../ask.js';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { interruptible } from '../interrupt.js';
import { Money } from '../money.js';
import { money as amount, whole } from '../options.js';
import { type Terminal, table } from '../terminal.js';
import { sizeText } from '../transfer-bar.js';

interface CreateOptions {
  class?: VolumeClass;
  gigabytes?: number;
  maxPrice?: string;
  budget?: string;
  hours?: number;
  months?: number;
  estimate?: boolean;
  wait?: boolean;
  yes?: boolean;
}

/** `heap volume create|list|show|renew|end`. */
export function volumeCommand(context: Context, command: CliCommand): CliCommand {
  command.description('volumes: encrypted storage on many devices, for `heap put`');
  (command.command('create') as CliCommand)
    .description('buys a volume; shows what it may cost and asks before it holds the money')
    .argument('[name]', 'by which it is named', 'default')
    .addOption(
      new Option(
        '--class <class>',
        'standard 10 of 40 pieces, cold 16 of 64, small 3 of 10, which is not durable (default: standard)',
      ).choices(VOLUME_CLASSES),
    )
    .option('--gigabytes <n>', 'of your data (default: 1)', whole(1, 1_000))
    .option('--max-price <amount>', "the most it pays for a GB-month of devices' space (default: twice the present price)", amount)
    .addOption(new Option('--hours <n>', 'for how long').argParser(whole(1, 87_600)).conflicts('months'))
    .option('--months <n>', 'the same in months of 30 days (default: 1, unless a budget is given)', whole(1, 120))
    .option('--budget <amount>', 'held at once; it never costs more (default: what its time costs at the maximum price)', amount)
    .option('--estimate', 'only say what it may cost')
    .option('--wait', 'end when it has found its devices')
    .option('--yes', 'buy it without a question')
    .runs((name: string, options: CreateOptions) => interruptible(context.terminal, (signal) => create(context, name, options, signal)));
  (command.command('list') as CliCommand)
    .description('your volumes, the newest first')
    .option('--limit <n>', 'how many', whole(1, 100), 20)
    .option('--before <id>', 'the page behind this volume')
    .runs(async (page: { limit: number; before?: string }) => {
      const heap = context.heap();
      const [list, money] = await Promise.all([heap.volumes.list(page), Money.of(heap)]);
      await context.terminal.answer(list, () => listText(list, money));
      return EXIT.ok;
    });
  (command.command('show') as CliCommand)
    .description('one volume with the health of its pieces, what it costs and what it is worth')
    .argument('<volume>', 'its name or its id')
    .runs(async (volume: string) => {
      const heap = context.heap();
      const [info, money] = await Promise.all([heap.volumes.get(volume), Money.of(heap)]);
      await context.terminal.answer(info, () => healthText(info, money));
      return EXIT.ok;
    });
  (command.command('renew') as CliCommand)
    .description('lets a volume last longer, also one that can only be read since its paid time was over')
    .argument('<volume>', 'its name or its id')
    .addOption(new Option('--hours <n>', 'for so much longer').argParser(whole(1, 87_600)).conflicts('months'))
    .option('--months <n>', 'the same in months of 30 days', whole(1, 120))
    .option('--budget <amount>', 'so much more is held; without it, what the time costs at the maximum price', amount)
    .runs(async (volume: string, terms: { hours?: number; months?: number; budget?: string }) => {
      const heap = context.heap();
      const [info, money] = [await heap.volumes.renew(volume, terms), await Money.of(heap)];
      await context.terminal.answer(info, () => volumeText(info, money));
      return EXIT.ok;
    });
  (command.command('end') as CliCommand)
    .description('gives a volume up: its files are deleted, the rest of its budget returns')
    .argument('<volume>', 'its name or its id')
    .option('--yes', 'without a question')
    .runs((volume: string, { yes }: { yes?: boolean }) =>
      interruptible(context.terminal, (signal) => end(context, volume, yes ?? false, signal)),
    );
  return command;
}

async function create(context: Context, name: string, options: CreateOptions, signal: AbortSignal): Promise<number> {
  const { terminal } = context;
  const heap = context.heap();
  const { estimate: only, wait, yes, ...given } = options;
  const terms: VolumeTerms = { ...given, name };
  if (only) {
    const [estimate, money] = await Promise.all([heap.volumes.estimate(terms), Money.of(heap)]);
    await terminal.answer(estimate, () => estimateText(estimate, terms, money));
    return EXIT.ok;
  }
  if (given.class === undefined) {
    const fitting = await heap.volumes.fitting();
    if (fitting.class !== 'standard') terminal.note(`${fitting.reason} --class small asks for that.`);
  }
  const volume = await buyVolume(terminal, heap, terms, yes === true || options.budget !== undefined, signal);
  const info = wait ? await readyOrSay(terminal, heap, volume, signal) : volume;
  const money = await Money.of(heap);
  await terminal.answer(info, () => volumeText(info, money));
  return EXIT.ok;
}

/** Waits for its devices; who stops waiting hears that it is bought all the same. */
export async function readyOrSay(terminal: Terminal, heap: Heap, { id, name }: VolumeInfo, signal: AbortSignal): Promise<VolumeInfo> {
  try {
    return await heap.volumes.ready(id, { signal, onWait: (why) => terminal.note(why) });
  } catch (error) {
    if (signal.aborted)
      terminal.note(
        `The volume is bought and goes on looking for devices: \`heap volume show ${name || id}\`, or \`heap volume end ${name || id}\` gives it up.`,
      );
    throw error;
  }
}

/**
 * Shows what a volume may cost, has it confirmed unless that is `agreed`, and buys it.
 * @throws HeapError `consent_needed` where nobody can be asked, `declined`
 */
export async function buyVolume(
  terminal: Terminal,
  heap: Heap,
  terms: VolumeTerms,
  agreed: boolean,
  signal: AbortSignal,
): Promise<VolumeInfo> {
  const [estimate, money] = await Promise.all([heap.volumes.estimate(terms), Money.of(heap)]);
  terminal.note(estimateText(estimate, terms, money));
  if (!agreed) {
    const held = money.format(estimate.hold_micro ?? 0n);
    const answer = await ask(terminal, `Hold ${held} for it? [y/N] `, signal);
    if (answer === null)
      throw new HeapError('consent_needed', `This would hold ${held}: say --yes, or \`heap volume create\` with a --budget.`, 'user');
    if (!/^y(es)?$/i.test(answer.trim())) throw new HeapError('declined', 'No volume was bought.', 'user');
  }
  return heap.volumes.create({ ...terms, maxPrice: terms.maxPrice ?? estimate.max_price_micro });
}

async function end(context: Context, name: string, yes: boolean, signal: AbortSignal): Promise<number> {
  const { terminal } = context;
  const heap = context.heap();
  const volume = await heap.volumes.find(name);
  if (!yes) {
    const answer = await ask(terminal, `Delete the ${filesText(volume.files)} of ${volume.name || volume.id} for good? [y/N] `, signal);
    if (answer === null) throw new HeapError('consent_needed', `This deletes ${filesText(volume.files)} for good: say --yes.`, 'user');
    if (!/^y(es)?$/i.test(answer.trim())) throw new HeapError('declined', 'The volume goes on.', 'user');
  }
  const [info, money] = [await heap.volumes.end(volume.id), await Money.of(heap)];
  await terminal.answer(info, () => volumeText(info, money));
  return EXIT.ok;
}

function estimateText(estimate: VolumeEstimate, { class: volume_class = 'standard', gigabytes = 1 }: VolumeTerms, money: Money): string {
  const { price_micro, max_price_micro, cost_per_unit_time: cost, hold_micro, reason, quantity_now } = estimate;
  const { k } = VOLUME_CODES[volume_class];
  const { needed, reserved } = estimate.devices;
  const now = price_micro === null ? 'nobody sells now' : `${money.format(price_micro)} a GB-month now`;
  return [
    `A volume of class ${volume_class} for ${gigabytes} GB: each piece of data on ${needed} devices, of which any ${k} give it back; ${reserved} are reserved, so that there is a choice, and empty space costs nothing.`,
    `Space: ${now}, at most ${money.format(max_price_micro)}; ${quantity_now} GB are to be had. ${reason.sentence}`,
    `At most ${money.format(cost.high_micro)} a month${hold_micro === null ? '' : `; ${money.format(hold_micro)} are held, and what is not used returns`}.`,
  ].join('\n');
}

function listText(list: readonly VolumeInfo[], money: Money): string {
  if (list.length === 0) return 'You have no volumes: `heap volume create` buys one.';
  return table(
    ['VOLUME', 'NAME', 'CLASS', 'STATE', 'FILES', 'STORED', 'PAID', 'BOUGHT'],
    list.map((one) => [
      ...[one.id, one.name, one.class, one.state, String(one.files), sizeText(one.bytes)],
      money.format(one.charged_micro),
      one.created_at,
    ]),
  );
}

const filesText = (files: number): string => `${files} ${files === 1 ? 'file' : 'files'}`;

/** One volume in lines for people. */
function volumeText(one: VolumeInfo, money: Money): string {
  return [
    `Volume ${one.id} "${one.name}", ${one.class}${one.durable ? '' : ' (not durable)'}: ${one.state}`,
    one.reason.sentence,
    `Devices: ${one.devices.independent} independent, ${one.devices.wanted} needed to write, ${one.devices.reserved} asked for; space: ${one.reserved.leased} of ${one.reserved.wanted} GB; ${filesText(one.files)}, ${sizeText(one.bytes)}`,
    ...(one.ends_at && one.state !== 'ENDED'
      ? [`Lasts until ${one.ends_at}; its files are deleted on ${one.deletes_at} unless it is renewed`]
      : []),
    `Paid: ${money.format(one.charged_micro)} of a budget of ${money.format(one.budget_micro)}; at most ${money.format(one.max_price_micro)} a GB-month`,
  ].join('\n');
}

function healthText(one: VolumeHealth, money: Money): string {
  const counts = Object.entries(one.pieces).flatMap(([state, count]) => (count > 0 ? [`${count} ${state}`] : []));
  const { least, segments } = one;
  return [
    volumeText(one, money),
    `Pieces: ${counts.join(', ') || 'none'}; segments: ${segments.stored} stored, ${segments.repairing} in repair, ${segments.lost} lost`,
    ...(least
      ? [
          `The segment with the fewest has ${least.available} pieces: ${least.above_repair} more may go before it is repaired, ${least.above_k} before it is lost.`,
        ]
      : []),
    `Last audit: ${one.audited_at ?? 'none yet'}${one.oldest_audit_at === null ? '' : `; every piece was proved since ${one.oldest_audit_at}`}; repaired: ${sizeText(one.repaired_bytes)}`,
    one.durability.sentence,
    ...one.durability.assumptions.map((assumption) => `  ${assumption}`),
  ].join('\n');
}
