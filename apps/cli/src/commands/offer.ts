import { InvalidArgumentError } from 'commander';
import { type IdleInfo, type KeptOfferInfo, type OfferInfo, type PriceHours, priceUnit } from '#sdk';
import { formatMajor, HeapError, KEPT_MARKETS, type KeptMarketName, parseMajor } from '#units';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { hoursText, parseHours } from '../hours.js';
import { collected } from '../options.js';
import { table } from '../terminal.js';

interface OfferOptions {
  region?: string;
  label?: string[];
  price?: PriceHours[];
  keptPrice?: [KeptMarketName, bigint | null][];
  clear?: boolean;
}

const SOURCES: Readonly<Record<OfferInfo['price_source'], string>> = {
  device_hours: 'your price for this device at this hour',
  hours: 'your price at this hour',
  agent: 'the price its agent was given',
  electricity: 'its electricity and your margin',
};

/** `heap offer [node]`: what your devices offer, at what price and why; or what you say about one of them. */
export function offerCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('shows what your devices offer, at what price and why; with a device and options, changes it')
    .argument('[node]', 'the id of a device, from `heap nodes`')
    .option('--region <region>', 'where it is, as ISO 3166 has it: de, us-ca')
    .option(
      '--label <label>',
      'a word that orders may ask for; give it several times for several',
      collected((text) => text),
    )
    .option(
      '--price <hours>',
      'days, hours and a price for 10¹² fuel: "mon-fri 22-6 0.0005"; the first that fits counts',
      collected(parseHours),
    )
    .option(
      '--kept-price <market=amount>',
      'the least for a slot-hour or a GB-month: "standing:micro=0.02", "storage:cold=0.001"; "=auto" goes back',
      collected(keptPrice),
    )
    .option('--clear', 'first forget region, labels and prices that were set for it')
    .runs(async (node: string | undefined, options: OfferOptions) => {
      const heap = context.heap();
      const changes = Object.keys(options).length > 0;
      if (changes && node === undefined)
        throw new HeapError('usage', 'Name the device that you mean: `heap nodes` lists them; `heap rules` is about all of them.', 'user');
      if (changes && node !== undefined)
        await heap.setOffer(node, {
          ...(options.clear && { region: null, labels: [], hours: [] }),
          ...(options.region !== undefined && { region: options.region }),
          ...(options.label !== undefined && { labels: options.label }),
          ...(options.price !== undefined && { hours: options.price }),
        });
      for (const [market, price] of options.keptPrice ?? []) if (node !== undefined) await heap.setKeptPrice(node, market, price);
      const kept = (await heap.keptOffers()).filter((offer) => node === undefined || offer.node_id === node);
      const offers = (await heap.offers()).filter((offer) => node === undefined || offer.node_id === node);
      const idle = await heap.idle();
      const found = offers.map((offer) => ({ ...offer, idle: idle.find((one) => sameOffer(one, offer))?.reason ?? null }));
      await context.terminal.answer([...found, ...kept], () => {
        const parts = [...(found.length > 0 ? [offersText(found)] : []), ...(kept.length > 0 ? [keptText(kept)] : [])];
        return parts.length > 0 ? parts.join('\n\n') : 'Nothing is on offer: `heap nodes` says why.';
      });
      return EXIT.ok;
    });
}

function keptPrice(text: string): [KeptMarketName, bigint | null] {
  const [, name, price = ''] = /^([a-z:]+)=(.+)$/.exec(text.trim()) ?? [];
  const market = KEPT_MARKETS.find((one) => one === name);
  if (!market) throw new InvalidArgumentError(`Write a market and a price: standing:micro=0.02. Markets: ${KEPT_MARKETS.join(', ')}.`);
  if (price === 'auto') return [market, null];
  try {
    return [market, parseMajor(price)];
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}

const KEPT_SOURCES: Readonly<Record<KeptOfferInfo['price_source'], string>> = {
  owner: 'your price for this device',
  agent: 'the price its agent was given',
  automatic: 'automatic',
};

function keptText(kept: readonly KeptOfferInfo[]): string {
  const rows = kept.map((offer) => [
    offer.node_id,
    offer.name,
    offer.market,
    `${offer.free}/${offer.quantity}`,
    `${formatMajor(offer.reserve_price_micro)} per ${priceUnit(offer.market)}`,
    KEPT_SOURCES[offer.price_source],
  ]);
  const shy = kept.filter((offer) => !offer.consent).length > 0;
  return [
    table(['NODE', 'NAME', 'MARKET', 'FREE', 'RESERVE', 'WHICH IS'], rows),
    ...kept.flatMap(({ name, market, idle }) => (idle ? [`${name}, ${market}: ${idle.sentence}`] : [])),
    ...(shy ? ['Standing slots are for services, to which you have not consented: `heap rules --consent services`.'] : []),
  ].join('\n');
}

const sameOffer = (idle: IdleInfo, offer: OfferInfo): boolean => idle.node_id === offer.node_id && idle.slot_class === offer.slot_class;

type Offer = OfferInfo & { idle: IdleInfo['reason'] | null };

function offersText(offers: readonly Offer[]): string {
  const rows = offers.map((offer) => [
    offer.node_id,
    offer.name,
    `${offer.free}/${offer.slots} ${offer.slot_class}`,
    formatMajor(offer.reserve_price_micro),
    SOURCES[offer.price_source],
    formatMajor(offer.electricity_price_micro),
    offer.region ?? '',
    [...offer.labels, ...offer.hours.map((hours) => `[${hoursText(hours)}]`)].join(' '),
  ]);
  const losing = offers.filter((offer) => offer.reserve_price_micro < offer.electricity_price_micro).map((offer) => offer.name);
  return [
    table(['NODE', 'NAME', 'FREE', 'RESERVE', 'WHICH IS', 'ELECTRICITY', 'REGION', 'LABELS AND HOURS'], rows),
    ...offers.flatMap(({ name, slot_class, idle }) => (idle ? [`${name}, ${slot_class}: ${idle.sentence}`] : [])),
    ...(losing.length > 0 ? [`Below the price of its electricity: ${[...new Set(losing)].join(', ')}.`] : []),
  ].join('\n');
}
