import type { SystemFiles } from './files.js';
import type { Ask } from './programs.js';

/** NetworkManager is asked by a program, which costs more than a file. */
const ASK_EVERY_MS = 60_000;
/** Mobile modems and phones by cable, as the kernel names them. */
const MOBILE = /^(wwan|wwp|rmnet|ppp|ccmni|usb)\d/;

/** Whether the network that the default route takes costs by the byte. */
export class Metered {
  private answer: boolean | null = null;
  private asked_ms = Number.NEGATIVE_INFINITY;
  private route = '';

  constructor(
    private readonly files: SystemFiles,
    private readonly ask: Ask,
    private readonly now_ms: () => number,
  ) {}

  async read(): Promise<boolean | null> {
    const route = this.defaultInterface();
    if (route === null) return null;
    if (route !== this.route || this.now_ms() - this.asked_ms >= ASK_EVERY_MS) {
      this.route = route;
      this.asked_ms = this.now_ms();
      this.answer = (await this.byNetworkManager(route)) ?? (MOBILE.test(route) ? true : null);
    }
    return this.answer;
  }

  /** "yes", "no", "yes (guessed)", "no (guessed)" or "unknown". */
  private async byNetworkManager(route: string): Promise<boolean | null> {
    const said = await this.ask('nmcli', ['-g', 'GENERAL.METERED', 'device', 'show', route]);
    const [, word] = /^(yes|no)\b/.exec(said?.trim() ?? '') ?? [];
    return word === undefined ? null : word === 'yes';
  }

  /** The interface of the route to 0.0.0.0/0 with the least metric, or that of ::/0. */
  private defaultInterface(): string | null {
    const rows = (this.files.text('/proc/net/route') ?? '').split('\n').map((line) => line.split(/\s+/));
    const [best] = rows.filter((row) => row[1] === '00000000' && row[7] === '00000000').sort((a, b) => Number(a[6]) - Number(b[6]));
    if (best?.[0]) return best[0];
    const six = (this.files.text('/proc/net/ipv6_route') ?? '').split('\n').map((line) => line.split(/\s+/));
    return six.find((row) => /^0{32}$/.test(row[0] ?? '') && row[1] === '00' && row[9] !== 'lo')?.[9] ?? null;
  }
}
