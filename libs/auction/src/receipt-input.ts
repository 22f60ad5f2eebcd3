import { HeapError, type NodeKind } from '#units';
import type { Attributes, Constraints, Offer, Order, OwnerRules, Preference } from './types.js';

/**
 * Offers and orders between their two forms: as the auction takes them and as a receipt keeps them (JSON, prices as decimal
 * strings). Reading either form gives the first one, with exactly the members the auction looks at: what a caller hangs on
 * its rows beyond that is not part of a receipt.
 * @throws HeapError `receipt_malformed` that names the member.
 */
export function readOffer(value: unknown): Offer {
  const row = members(value, 'an offer');
  return compact<Offer>({
    id: text(row.id, 'id'),
    owner: text(row.owner, 'owner'),
    cluster: optional(row.cluster, 'cluster', text),
    market: text(row.market, 'market'),
    slots: number(row.slots, 'slots'),
    reserve_price: money(row.reserve_price, 'reserve_price'),
    attributes: readAttributes(row.attributes),
    rules: row.rules === undefined ? undefined : readRules(row.rules),
    arrival: number(row.arrival, 'arrival'),
    leased_until_ms: optional(row.leased_until_ms, 'leased_until_ms', number),
  });
}

export function readOrder(value: unknown): Order {
  const row = members(value, 'an order');
  return compact<Order>({
    id: text(row.id, 'id'),
    buyer: text(row.buyer, 'buyer'),
    cluster: optional(row.cluster, 'cluster', text),
    market: text(row.market, 'market'),
    quantity: number(row.quantity, 'quantity'),
    min_quantity: optional(row.min_quantity, 'min_quantity', number),
    max_price: money(row.max_price, 'max_price'),
    budget_slots: optional(row.budget_slots, 'budget_slots', number),
    workload_class: optional(row.workload_class, 'workload_class', text),
    constraints: row.constraints === undefined ? undefined : readConstraints(row.constraints),
    preferences: row.preferences === undefined ? undefined : array(row.preferences, 'preferences').map(readPreference),
    spread: optional(row.spread, 'spread', text) as Order['spread'],
    incumbents: optional(row.incumbents, 'incumbents', texts),
    arrival: number(row.arrival, 'arrival'),
  });
}

function readAttributes(value: unknown): Attributes {
  const row = members(value, 'attributes');
  return compact<Attributes>({
    region: text(row.region, 'region'),
    kind: text(row.kind, 'kind') as NodeKind,
    speed: number(row.speed, 'speed'),
    labels: texts(row.labels, 'labels'),
    trust: number(row.trust, 'trust'),
    power: optional(row.power, 'power', text),
  });
}

function readRules(value: unknown): OwnerRules {
  const row = members(value, 'rules');
  return compact<OwnerRules>({
    allow_buyers: optional(row.allow_buyers, 'allow_buyers', texts),
    deny_buyers: optional(row.deny_buyers, 'deny_buyers', texts),
    workload_classes: optional(row.workload_classes, 'workload_classes', texts),
  });
}

function readConstraints(value: unknown): Constraints {
  const row = members(value, 'constraints');
  return compact<Constraints>({
    regions: optional(row.regions, 'regions', texts),
    kinds: optional(row.kinds, 'kinds', texts) as readonly NodeKind[] | undefined,
    min_speed: optional(row.min_speed, 'min_speed', number),
    labels: optional(row.labels, 'labels', texts),
    min_trust: optional(row.min_trust, 'min_trust', number),
    owners: optional(row.owners, 'owners', texts),
    not_owners: optional(row.not_owners, 'not_owners', texts),
    nodes: optional(row.nodes, 'nodes', texts),
    not_nodes: optional(row.not_nodes, 'not_nodes', texts),
  });
}

function readPreference(value: unknown): Preference {
  const row = members(value, 'a preference');
  return { prefer: readConstraints(row.prefer), weight: money(row.weight, 'weight') };
}

/** Leaves out members that are undefined, so that a copy equals what JSON gives back. */
function compact<T extends object>(row: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as T;
}

function members(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(what, 'an object');
  return value as Record<string, unknown>;
}

function array(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw malformed(what, 'a list');
  return value;
}

function text(value: unknown, what: string): string {
  if (typeof value !== 'string') throw malformed(what, 'text');
  return value;
}

function texts(value: unknown, what: string): string[] {
  return array(value, what).map((item) => text(item, what));
}

function number(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw malformed(what, 'a number');
  return value;
}

function money(value: unknown, what: string): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string' && /^\d{1,19}$/.test(value)) return BigInt(value);
  throw malformed(what, 'a decimal string of micro-units');
}

function optional<T>(value: unknown, what: string, read: (value: unknown, what: string) => T): T | undefined {
  return value === undefined || value === null ? undefined : read(value, what);
}

function malformed(what: string, expected: string): HeapError {
  return new HeapError('receipt_malformed', `In the inputs of this receipt, ${what} is not ${expected}.`, 'platform');
}
