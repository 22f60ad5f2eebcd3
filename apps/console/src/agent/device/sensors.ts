import { NOTHING_READ, type Readings, type Sensors } from '#agent-core';
import { Attention } from './attention.js';
import { Battery } from './battery.js';
import { Network } from './network.js';

/** The look at which a page is found quiet again; what ends work comes by itself. */
const EVERY_MS = 1_000;

const UNREADABLE: Readings['unreadable'] = {
  battery: 'This browser does not tell how full the battery is.',
  charging: 'This browser does not tell whether the device is charging.',
  temperature: 'No browser tells how warm a device is; how fast the work runs shows it.',
  cpu_temperature: 'No browser tells how warm a device is; how fast the work runs shows it.',
  metered: 'This browser does not tell whether the network costs by the byte.',
  others: 'No browser tells what other programs use of the processor.',
};

/** What a browser lets a page feel of its device. */
export class BrowserSensors implements Sensors {
  readonly every_ms = EVERY_MS;
  readonly attention: Attention;
  readonly battery: Battery;
  private readonly network: Network;
  private readonly listeners = new Set<() => void>();

  private constructor(page: Window, now_ms: () => number) {
    this.attention = new Attention(page, now_ms);
    this.battery = new Battery(page.navigator);
    this.network = new Network(page);
  }

  static async open(page: Window, now_ms: () => number): Promise<BrowserSensors> {
    const sensors = new BrowserSensors(page, now_ms);
    const changed = () => {
      for (const listener of [...sensors.listeners]) listener();
    };
    sensors.attention.watch(changed);
    sensors.network.watch(changed);
    await sensors.battery.start(changed);
    return sensors;
  }

  async read(): Promise<Readings> {
    return {
      ...NOTHING_READ,
      battery: this.battery.level,
      charging: this.battery.charging,
      metered: this.network.metered,
      in_front: this.attention.in_front,
      idle_ms: this.attention.idle_ms,
      unreadable: UNREADABLE,
    };
  }

  watch(changed: () => void): () => void {
    this.listeners.add(changed);
    return () => this.listeners.delete(changed);
  }
}
