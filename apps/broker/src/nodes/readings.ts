import type { ResponseOf, ROUTES } from '#protocol';
import type { Felt } from './device-life.store.js';

type Readings = ResponseOf<typeof ROUTES.listReadings>['readings'][number];

export const readingsView = ({ battery, charging, temperature_c, metered, load }: Felt, at: Date): Readings => ({
  at: at.toISOString(),
  battery: battery ?? null,
  charging: charging ?? null,
  temperature_c: temperature_c ?? null,
  metered: metered ?? null,
  load: load ?? null,
});
