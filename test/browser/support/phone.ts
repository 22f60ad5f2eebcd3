import { type BrowserContext, type CDPSession, chromium, type Page, type Browser as Playwright } from 'playwright-core';
import type { AgentView, BrowserRules, JoinConsent } from '../../../apps/console/src/agent/contract.js';
import { CHROMIUM } from './chromium.js';
import { pssBytes } from './memory.js';

/** A view as JSON carries it. */
export type SeenView = { [K in keyof AgentView]: AgentView[K] extends bigint | null ? string | null : AgentView[K] };
type Wanted = { [K in keyof SeenView]?: SeenView[K] extends object | null ? unknown : SeenView[K] };

export interface PhoneState {
  charging: boolean;
  level: number;
  network: string;
  save_data: boolean;
}

const AT_REST: PhoneState = { charging: true, level: 1, network: 'wifi', save_data: false };
const USER_AGENT = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36';
/** Patience of a test, not a promise of the agent's: the machine may be ten times slower than a quiet one. */
const PATIENCE_MS = 60_000;

export const startChromium = (): Promise<Playwright> => chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });

/**
 * A phone that is none: Chromium at a phone's size, with a battery and a network that do as they are told. Its pages are those of one browser:
 * what one keeps the others find.
 */
export class FakePhone {
  private constructor(
    private readonly browser: Playwright,
    readonly context: BrowserContext,
    private readonly url: string,
    readonly faults: string[],
    private readonly shared: boolean,
  ) {}

  /** `among`: a browser that other phones were and will be in, each with a storage of its own; started faster than a browser. */
  static async start(url: string, among?: Playwright): Promise<FakePhone> {
    const browser = among ?? (await startChromium());
    const context = await browser.newContext({
      viewport: { width: 360, height: 780 },
      hasTouch: true,
      isMobile: true,
      userAgent: USER_AGENT,
    });
    await context.addInitScript(pretend, AT_REST);
    const faults: string[] = [];
    context.on('weberror', (error) => faults.push(String(error.error())));
    return new FakePhone(browser, context, url, faults, among !== undefined);
  }

  async open(bounds: Record<string, number> = {}): Promise<PhonePage> {
    const page = await this.context.newPage();
    page.on('console', (line) => {
      if (line.type() === 'error' && line.text().includes('Content Security Policy')) this.faults.push(line.text());
    });
    await page.goto(`${this.url}/?bounds=${encodeURIComponent(JSON.stringify(bounds))}`);
    return new PhonePage(page, await this.context.newCDPSession(page));
  }

  /** What the renderers use of one core, over the second that follows. */
  async processorShare(): Promise<number> {
    const cdp = await this.browser.newBrowserCDPSession();
    const used_s = async () => {
      const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
      return processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { cpuTime }) => sum + cpuTime, 0);
    };
    const before_s = await used_s();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    return (await used_s()) - before_s;
  }

  /** Of all renderers, as the system shares it out. */
  async memoryBytes(): Promise<number> {
    const cdp = await this.browser.newBrowserCDPSession();
    const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
    return processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { id }) => sum + pssBytes(id), 0);
  }

  /** All tabs die at once, without a word to anybody: as when the system needs the memory. */
  async close(): Promise<void> {
    await (this.shared ? this.context : this.browser).close();
  }
}

type InPage = Record<string, (...given: unknown[]) => unknown>;

export class PhonePage {
  constructor(
    readonly page: Page,
    readonly cdp: CDPSession,
  ) {}

  private call<T>(name: string, ...given: unknown[]): Promise<T> {
    return this.page.evaluate(([called, args]) => (globalThis as unknown as { agentTest: InPage }).agentTest[called]?.(...args), [
      name,
      given,
    ] as const) as Promise<T>;
  }

  view = (): Promise<SeenView> => this.call('view');
  join = (code: string, consent: Partial<JoinConsent> = {}) =>
    this.call<{ refused: string; message: string } | null>('join', code, consent);
  hold = (for_ms: number | null) => this.call<number>('hold', for_ms);
  resume = () => this.call('resume');
  setRules = (rules: Partial<BrowserRules>) => this.call('setRules', rules);
  setKind = (kind: string) => this.call('setKind', kind);
  leave = () => this.call<{ undelivered: number; taken_out: boolean }>('leave');
  stop = () => this.call('stop');
  damage = (piece_id: string): Promise<void> => this.call('damage', piece_id);
  states = () => this.call<{ at_ms: number; state: string; code: string }[]>('states');

  /** The view at which one of these holds. */
  async until(...wanted: Wanted[]): Promise<SeenView> {
    const late = new Promise<never>((_, reject) => setTimeout(reject, PATIENCE_MS).unref());
    return Promise.race([this.call<SeenView>('until', JSON.stringify(wanted)), late]).catch(async (error) => {
      throw new Error(
        `${error ?? 'waited in vain'} for ${JSON.stringify(wanted)}; the page is at ${JSON.stringify(await this.view().catch(String))}`,
      );
    });
  }

  /** What the phone feels, from now on. */
  feel(state: Partial<PhoneState>): Promise<void> {
    return this.page.evaluate((felt) => (globalThis as unknown as { phone: (felt: object) => void }).phone(felt), state);
  }

  /** A page's own visibility cannot be commanded: another tab in front of it is what hides it. */
  show(visible: boolean): Promise<void> {
    return this.feel({ ...({ visible } as object) });
  }

  /** The page's own thread runs so many times slower; workers keep their speed, which Chromium does not throttle. */
  async slow(times: number): Promise<void> {
    await this.cdp.send('Emulation.setCPUThrottlingRate', { rate: times });
  }

  watchClicks = () => this.call('watchClicks');
  /** Since the watch began; ends it. */
  slowestClick = () => this.call<number>('slowestClick');

  /** The renderer dies in the middle of whatever it did. */
  async crash(): Promise<void> {
    const crashed = new Promise((resolve) => this.page.once('crash', resolve));
    void this.cdp.send('Page.crash').catch(() => undefined);
    await crashed;
  }
}

/** Runs in the page before its scripts. */
function pretend(at_rest: PhoneState): void {
  interface Own {
    navigator: object;
    document: object & { dispatchEvent(event: unknown): void };
    Event: new (type: string) => { type: string };
    EventTarget: new () => { dispatchEvent(event: unknown): void };
    phone: (felt: Partial<PhoneState & { visible: boolean }>) => void;
  }
  const own = globalThis as unknown as Own;
  const felt = { ...at_rest, visible: true };
  const battery = new own.EventTarget();
  const connection = new own.EventTarget();
  const define = (target: object, name: string, get: () => unknown) => Object.defineProperty(target, name, { get, configurable: true });
  define(battery, 'charging', () => felt.charging);
  define(battery, 'level', () => felt.level);
  define(connection, 'type', () => felt.network);
  define(connection, 'saveData', () => felt.save_data);
  Object.defineProperty(own.navigator, 'getBattery', { value: async () => battery, configurable: true });
  define(own.navigator, 'connection', () => connection);
  define(own.document, 'visibilityState', () => (felt.visible ? 'visible' : 'hidden'));
  define(own.document, 'hidden', () => !felt.visible);
  own.phone = (change) => {
    Object.assign(felt, change);
    battery.dispatchEvent(new own.Event('chargingchange'));
    battery.dispatchEvent(new own.Event('levelchange'));
    connection.dispatchEvent(new own.Event('change'));
    own.document.dispatchEvent(new own.Event('visibilitychange'));
  };
}
