import os from 'node:os';
import type { Readings, Sensors } from '#agent-core';
import { SystemFiles } from './files.js';
import { Idle } from './idle.js';
import { Metered } from './metered.js';
import { power } from './power.js';
import { load, memoryPressure, ProcessorUse } from './processor.js';
import { type Ask, ask } from './programs.js';
import { temperatures } from './thermal.js';

export interface LinuxOptions {
  /** Where /sys, /proc, /dev and /run are; tests make them up. */
  root?: string;
  ask?: Ask;
  wall_ms?: () => number;
  cores?: number;
}

/** Small files, read in a fraction of a millisecond: often enough that a touched device is free again within a breath. */
const EVERY_MS = 2_000;

export function linuxSensors(options: LinuxOptions = {}): Sensors {
  const { root = '/', ask: asking = ask, wall_ms = Date.now, cores = os.availableParallelism() } = options;
  const files = new SystemFiles(root);
  const processor = new ProcessorUse(files);
  const metered = new Metered(files, asking, wall_ms);
  const idle = new Idle(files, asking, wall_ms);
  return {
    every_ms: EVERY_MS,
    read: async (): Promise<Readings> => {
      const { battery, charging, temperature_c } = power(files);
      const { case_c, cpu_c } = temperatures(files);
      return {
        battery,
        charging,
        temperature_c: temperature_c ?? case_c,
        cpu_temperature_c: cpu_c,
        metered: await metered.read(),
        in_front: null,
        idle_ms: await idle.read(),
        others: processor.others(),
        load: load(files, cores),
        memory_pressure: memoryPressure(files),
        unreadable: {
          battery: 'This device has no battery that Linux knows of.',
          charging: 'Linux does not say whether this device hangs on the mains; without a battery it does.',
          temperature: 'This device has no readable thermometer at its battery or case.',
          cpu_temperature: 'The thermometer of the processor is not readable (virtual machines have none).',
          metered: 'Nothing says whether the network costs by the byte (NetworkManager would).',
          in_use: 'Nobody is signed in at this device, at a terminal or a desktop.',
          others: 'It was looked at only once so far.',
          power_price: 'The tariff has no price for this hour.',
        },
      };
    },
  };
}
