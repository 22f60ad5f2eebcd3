/** What is used of a `BatteryManager`; the type library of TypeScript has none, because not every browser has one. */
interface BatteryManager extends EventTarget {
  readonly charging: boolean;
  /** 0 to 1. */
  readonly level: number;
}

type WithBattery = Navigator & { getBattery?: () => Promise<BatteryManager> };

/** The battery, where the browser tells of it: Chromium does, Safari and Firefox do not. */
export class Battery {
  private manager: BatteryManager | null = null;

  constructor(private readonly browser: WithBattery) {}

  async start(changed: () => void): Promise<void> {
    this.manager = (await this.browser.getBattery?.().catch(() => null)) ?? null;
    for (const event of ['chargingchange', 'levelchange']) this.manager?.addEventListener(event, changed);
  }

  get charging(): boolean | null {
    return this.manager?.charging ?? null;
  }

  get level(): number | null {
    return this.manager?.level ?? null;
  }
}
