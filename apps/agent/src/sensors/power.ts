import type { SystemFiles } from './files.js';

const FOLDER = '/sys/class/power_supply';

export interface Power {
  battery: number | null;
  charging: boolean | null;
  /** Of the battery, °C. */
  temperature_c: number | null;
}

/** Power supplies of the device itself (Documentation/ABI/testing/sysfs-class-power): a mouse's battery is not the device's. */
export function power(files: SystemFiles): Power {
  const supplies = files
    .names(FOLDER)
    .map((name) => `${FOLDER}/${name}`)
    .filter((supply) => files.text(`${supply}/scope`) !== 'Device');
  const batteries = supplies.filter((supply) => files.text(`${supply}/type`) === 'Battery' && files.text(`${supply}/present`) !== '0');
  const mains = supplies.filter((supply) => ['Mains', 'USB', 'USB_C', 'USB_PD', 'Wireless'].includes(files.text(`${supply}/type`) ?? ''));
  const capacities = batteries.map((battery) => files.number(`${battery}/capacity`)).filter((value) => value !== null);
  const states = batteries.map((battery) => files.text(`${battery}/status`)).filter((state) => state !== null && state !== 'Unknown');
  const online = mains.map((supply) => files.number(`${supply}/online`)).filter((value) => value !== null);
  // Tenths of a degree.
  const warmth = batteries.map((battery) => files.number(`${battery}/temp`)).filter((value) => value !== null);
  return {
    battery: capacities.length > 0 ? Math.min(1, Math.max(0, Math.min(...capacities) / 100)) : null,
    charging: chargingOf(states, online),
    temperature_c: warmth.length > 0 ? Math.max(...warmth) / 10 : null,
  };
}

/** Full, or kept below that by its own limit, counts as charging: it hangs on the mains. */
function chargingOf(states: readonly (string | null)[], online: readonly number[]): boolean | null {
  if (online.includes(1)) return true;
  if (states.length > 0) return !states.includes('Discharging');
  return online.length > 0 ? false : null;
}
