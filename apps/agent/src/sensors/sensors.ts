import type { Sensors } from '#agent-core';
import { linuxSensors } from './linux.js';
import { otherSensors } from './other-systems.js';

/** What this system lets an agent feel. */
export async function systemSensors(): Promise<Sensors> {
  if (process.platform === 'linux' || process.platform === 'android') return linuxSensors();
  const { default: information } = await import('systeminformation');
  return otherSensors(information, process.platform);
}
