import { Agent, type AgentStatus, type Bounds, type Capacity, type Clock, type Kept, type Log, type OpenSlot } from '#agent-core';
import { type BrowserRules } from '../contract.js';
import { deviceKey, heapVerifier } from '../device/device-key.js';
import { boundedRules, type Calm, ownerRules } from '../device/rules.js';
import type { BrowserSensors } from '../device/sensors.js';
import { WakeLock } from '../device/wake-lock.js';
import type { HeapHttp } from '../heap/heap-http.js';
import { openBrowserSocket } from '../heap/web-socket.js';
import { browserBytes, browserRandom } from '../platform.js';
import type { BrowserPieces } from '../storage/browser-pieces.js';
import type { AgentDatabase } from '../storage/database.js';
import { KeptResults } from '../storage/kept-results.js';
import type { Membership, Settings } from '../storage/settings.js';
import { AGENT_VERSION } from '../version.js';
import { Books } from './books.js';
import type { UsageMeter } from './usage.js';

export interface NodeSurroundings {
  page: Window & typeof globalThis;
  origin: string;
  clock: Clock;
  log: Log;
  database: AgentDatabase;
  settings: Settings;
  sensors: BrowserSensors;
  usage: UsageMeter;
  http: HeapHttp;
  openSlot: OpenSlot;
  /** Null where the browser lets the page keep none. */
  pieces: BrowserPieces | null;
  bounds: Partial<Bounds>;
  calm: Calm;
  /** Something of what is shown has changed. */
  changed(): void;
  /** The heap has taken the device out. */
  revoked(sentence: string): void;
}

/** A browser leaves the disk room itself; this is for the page's own results. */
const SPARE_BYTES = 50_000_000;

/** What the owner lets the page keep, and the browser too: it is asked what it would allow in all, with what is kept already. */
async function keptOf(pieces: BrowserPieces, { storage_bytes }: BrowserRules): Promise<Kept> {
  const bytes = storage_bytes === 0 ? 0 : Math.min(storage_bytes, (await pieces.room_bytes()) ?? 0);
  return { standing: [], storage: bytes === 0 ? [] : [{ storage_class: 'standard', bytes, reserve_price_micro: null }] };
}

/** A member of the heap while it runs in this page: the core with what a browser brings along. */
export class RunningNode {
  readonly books: Books;
  readonly wake_lock: WakeLock;
  private readonly endings: (() => void)[] = [];

  private constructor(
    readonly agent: Agent,
    readonly membership: Membership,
    readonly capacity: readonly Capacity[],
    public rules: BrowserRules,
    private readonly results: KeptResults,
    private readonly around: NodeSurroundings,
  ) {
    const { page, http, clock, changed } = around;
    this.books = new Books(
      http,
      () => agent.token,
      () => clock.now_ms(),
      changed,
    );
    this.wake_lock = new WakeLock(page.navigator, changed);
  }

  static async start(
    membership: Membership,
    capacity: readonly Capacity[],
    rules: BrowserRules,
    around: NodeSurroundings,
  ): Promise<RunningNode> {
    const { page, settings, sensors, usage, http, clock, log, openSlot, pieces, bounds, calm, database } = around;
    const [key, verifyLease, results, kept] = await Promise.all([
      deviceKey(settings),
      heapVerifier(membership.heap_public_key),
      KeptResults.open(database, log),
      settings.word(),
    ]);
    const url = new URL(membership.socket_path, around.origin);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    let node: RunningNode | null = null;
    const agent = new Agent(
      {
        url: url.href,
        host: url.host,
        agent_version: AGENT_VERSION,
        capacity,
        speed_fuel_per_ms: membership.speed_fuel_per_ms,
        paced: true,
        rules: ownerRules(rules, membership.kind, calm),
        word: {
          kept,
          keep: (word) =>
            void settings.keepWord(word).catch((error: unknown) => log.warn({ error: String(error) }, 'What the owner said was not kept.')),
        },
        bounded: (ruled) => boundedRules(ruled, node?.rules ?? rules, membership.kind, calm),
        cores: page.navigator.hardwareConcurrency,
        sensors,
        ...(pieces && { kept: await keptOf(pieces, rules) }),
        bounds: { disk_spare_bytes: SPARE_BYTES, ...bounds },
      },
      {
        openSocket: openBrowserSocket((bytes) => usage.moved(bytes)),
        clock,
        random: browserRandom,
        identity: { node_id: membership.node_id, algorithm: key.algorithm, sign: key.sign, verifyLease },
        blobs: http.blobs,
        bytes: browserBytes,
        outbox: results,
        openSlot,
        ...(pieces && { pieces: { store: pieces, http: http.pieces } }),
        log,
      },
      (status) => node?.heard(status),
    );
    node = new RunningNode(agent, membership, capacity, rules, results, around);
    node.listen();
    await agent.start();
    return node;
  }

  private listen(): void {
    const { page } = this.around;
    const on = (event: string, run: () => void) => {
      page.addEventListener(event, run);
      this.endings.push(() => page.removeEventListener(event, run));
    };
    on('online', () => this.agent.hurry());
    on('pageshow', () => this.agent.hurry());
    on('focus', () => this.agent.hurry());
    on('offline', () => this.agent.disconnected('this device is offline'));
    on('pagehide', () => {
      void this.results.flush();
      void this.around.usage.keep();
    });
  }

  private heard(status: AgentStatus): void {
    if (status.session.code === 'revoked') this.around.revoked(status.session.sentence);
    this.around.changed();
  }

  /** What changes without a word of the core's: to be called a few times a second while somebody looks, and seldom otherwise. */
  look(): void {
    const { status } = this.agent;
    this.books.look(
      status.work.map(({ lease_id }) => lease_id),
      status,
    );
    this.around.usage.look(status.work.some(({ running }) => running));
    const { charging } = this.around.sensors.battery;
    this.wake_lock.want(this.rules.wake_lock && charging === true && status.standing.available && status.session.state === 'online');
  }

  /** Those that need another number of slots wait for the next start. What a page alone can do, as keeping the screen on, is no word on when it works. */
  setRules(rules: BrowserRules): void {
    const before = ownerRules(this.rules, this.membership.kind, this.around.calm);
    const after = ownerRules(rules, this.membership.kind, this.around.calm);
    this.rules = rules;
    if (JSON.stringify(before) !== JSON.stringify(after)) this.agent.setRules(after);
  }

  hold(for_ms: number | null): Promise<number> {
    return this.agent.hold(for_ms);
  }

  release(): void {
    this.agent.release();
  }

  /** Hands back, delivers what it can within the time, says goodbye. @returns how many finished results the heap did not confirm. */
  async stop(grace_ms: number): Promise<number> {
    for (const end of this.endings.splice(0)) end();
    this.wake_lock.want(false);
    await this.agent.stop(grace_ms);
    await this.results.flush();
    return this.agent.status.unconfirmed;
  }
}
