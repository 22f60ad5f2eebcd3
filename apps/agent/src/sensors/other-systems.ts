import { NOTHING_READ, type Readings, type Sensors } from '#agent-core';

/** systeminformation starts programs of the system for some of these. */
const EVERY_MS = 30_000;

/** The part of systeminformation that is used. */
export interface SystemInformation {
  battery(): Promise<{ hasBattery: boolean; percent: number; acConnected: boolean }>;
  cpuTemperature(): Promise<{ main: number | null }>;
  currentLoad(): Promise<{ currentLoad: number; currentLoadNice: number; avgLoad: number }>;
}

const known = (value: number | null | undefined): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);

/** macOS and Windows, by systeminformation. It tells neither how long a device was idle nor whether the network is metered. */
export function otherSensors(information: SystemInformation, platform: NodeJS.Platform): Sensors {
  return {
    every_ms: EVERY_MS,
    read: async (): Promise<Readings> => {
      const [battery, temperature, use] = await Promise.all([
        information.battery().catch(() => null),
        information.cpuTemperature().catch(() => null),
        information.currentLoad().catch(() => null),
      ]);
      return {
        ...NOTHING_READ,
        battery: battery?.hasBattery ? known(battery.percent / 100) : null,
        charging: battery?.hasBattery ? battery.acConnected : null,
        cpu_temperature_c: known(temperature?.main),
        // Windows does not count work of low priority apart: the sandboxes' own would pause them.
        others: use && platform !== 'win32' ? known((use.currentLoad - use.currentLoadNice) / 100) : null,
        unreadable: {
          battery: 'This device has no battery that its system tells of.',
          charging: 'This device has no battery that its system tells of.',
          temperature: 'The agent cannot read the case’s temperature on this system.',
          cpu_temperature: 'The system does not tell the temperature of the processor without further rights.',
          metered: 'The agent cannot tell a metered network on this system.',
          in_use: 'The agent cannot tell whether the device is in use on this system.',
          others: 'The system does not tell what other programs use of the processor.',
          power_price: 'The tariff has no price for this hour.',
        },
      };
    },
  };
}
