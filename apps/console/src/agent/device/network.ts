/** What is used of a `NetworkInformation`, which only Chromium has. */
interface NetworkInformation extends EventTarget {
  /** Only on phones and Chromebooks. */
  readonly type?: string;
  readonly saveData?: boolean;
}

type WithConnection = Navigator & { connection?: NetworkInformation };

const BY_THE_BYTE = new Set(['cellular', 'wimax']);
const FLAT = new Set(['wifi', 'ethernet']);

/** Whether the network costs by the byte, as far as the browser tells: a wish to save data counts as that. */
export class Network {
  private readonly connection: NetworkInformation | undefined;
  private readonly reduced: MediaQueryList;

  constructor(page: Window) {
    this.connection = (page.navigator as WithConnection).connection;
    this.reduced = page.matchMedia('(prefers-reduced-data: reduce)');
  }

  watch(changed: () => void): void {
    this.connection?.addEventListener('change', changed);
    this.reduced.addEventListener('change', changed);
  }

  get metered(): boolean | null {
    if (this.connection?.saveData === true || this.reduced.matches) return true;
    const type = this.connection?.type ?? '';
    if (BY_THE_BYTE.has(type)) return true;
    return FLAT.has(type) ? false : null;
  }
}
