import { SLOT_CLASSES, type SlotClass } from './resources.js';

export const STORAGE_CLASSES = ['standard', 'cold'] as const;
export type StorageClass = (typeof STORAGE_CLASSES)[number];

export type WorkMarketName = `work:${SlotClass}`;
export type StandingMarketName = `standing:${SlotClass}`;
export type StorageMarketName = `storage:${StorageClass}`;
/** A market's name, as receipts have it. */
export type MarketName = WorkMarketName | StandingMarketName | StorageMarketName;

export const workMarket = (slot_class: SlotClass): WorkMarketName => `work:${slot_class}`;

/** The ten markets (market.md): slots for tasks, slots kept for services, kept bytes. */
export const MARKETS: readonly MarketName[] = [
  ...SLOT_CLASSES.map(workMarket),
  ...SLOT_CLASSES.map((slot_class) => `standing:${slot_class}` as const),
  ...STORAGE_CLASSES.map((storage_class) => `storage:${storage_class}` as const),
];

/** The class of slot that a market trades in; null for one that trades in bytes. */
export function slotClassOf(market: WorkMarketName | StandingMarketName): SlotClass;
export function slotClassOf(market: MarketName): SlotClass | null;
export function slotClassOf(market: MarketName): SlotClass | null {
  const [, name] = market.split(':');
  return SLOT_CLASSES.find((slot_class) => slot_class === name) ?? null;
}
