import type { OwnNode } from './types.js';

export const percent = (share: number): string => `${Math.round(share * 100)} %`;
export const milliseconds = (ms: number): string =>
  ms < 10 ? `${ms.toFixed(1)} ms` : ms < 10_000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1_000)} s`;
/** Fuel a second of one slot, in millions. */
export const speed = ({ speed_fuel_per_ms }: Pick<OwnNode, 'speed_fuel_per_ms'>): string =>
  speed_fuel_per_ms === 0 ? '–' : `${(speed_fuel_per_ms / 1_000).toFixed(speed_fuel_per_ms < 10_000 ? 1 : 0)} M fuel/s`;
