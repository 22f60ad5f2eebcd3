import type { Battery } from '../device/battery.js';
import type { Settings } from '../storage/settings.js';

const KEEP_EVERY_MS = 10_000;

/** What working has cost this device since it joined: bytes, and charge that went while work ran off the charger. */
export class UsageMeter {
  private last_level: number | null = null;
  private changed = false;
  private timer: ReturnType<typeof setInterval> | null = null;

  private constructor(
    private readonly settings: Settings,
    private data: number,
    private battery: number,
    private readonly sensor: Battery,
  ) {}

  static async open(settings: Settings, sensor: Battery): Promise<UsageMeter> {
    const { data_bytes, battery_used } = await settings.usage();
    const meter = new UsageMeter(settings, data_bytes, battery_used, sensor);
    meter.timer = setInterval(() => void meter.keep(), KEEP_EVERY_MS);
    return meter;
  }

  moved(bytes: number): void {
    this.data += bytes;
    this.changed = true;
  }

  /** To be called with each change of the battery or the work. */
  look(working: boolean): void {
    const { level, charging } = this.sensor;
    if (working && charging === false && level !== null && this.last_level !== null && level < this.last_level) {
      this.battery += this.last_level - level;
      this.changed = true;
    }
    this.last_level = level;
  }

  get data_bytes(): number {
    return this.data;
  }

  get battery_used(): number | null {
    return this.sensor.level === null ? null : this.battery;
  }

  async keep(): Promise<void> {
    if (!this.changed) return;
    this.changed = false;
    await this.settings.keepUsage({ data_bytes: this.data, battery_used: this.battery }).catch(() => undefined);
  }

  async close(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.keep();
  }
}
