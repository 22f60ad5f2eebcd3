import type { Bounds, Clock, Log, OpenSlot } from '#agent-core';
import { METER_ID } from '#sandbox';
import { HeapError, type NodeKind } from '#units';
import type { AgentReason, AgentState, AgentView, BrowserAgent, BrowserRules, JoinConsent } from './contract.js';
import { SAFE_BROWSER_RULES } from './contract.js';
import { slotsOf } from './device/capacity.js';
import { missingFeature } from './device/features.js';
import { guessKind } from './device/kind.js';
import { kindHints } from './device/kind-hints.js';
import type { Calm } from './device/rules.js';
import { BrowserSensors } from './device/sensors.js';
import { type SandboxAssets, slotOpener } from './device/slots.js';
import { benchmark, enrol } from './enrol.js';
import { HeapHttp } from './heap/heap-http.js';
import { RunningNode } from './node/running-node.js';
import { UsageMeter } from './node/usage.js';
import { OneTab } from './one-tab.js';
import { BrowserPieces } from './storage/browser-pieces.js';
import { AgentDatabase } from './storage/database.js';
import { browserRules, type Membership, Settings } from './storage/settings.js';
import { type Surface, sameView, viewOf } from './view.js';

export interface AgentSurroundings {
  /** The heap's, which is the page's own: device sockets take no other page. */
  origin: string;
  assets: SandboxAssets;
  page: Window & typeof globalThis;
  /** Names what is kept in this browser, and the lock between its tabs. */
  storage: string;
  clock: Clock;
  log: Log;
  bounds: Partial<Bounds>;
  calm: Calm;
}

/** While somebody looks; otherwise changes alone count. */
const LOOK_EVERY_MS = 500;
const STOP_GRACE_MS = 1_700;
const LEAVE_GRACE_MS = 5_000;

const REASONS = {
  starting: 'This page looks at what is kept in this browser.',
  not_joined: 'This device has joined no heap yet.',
  joining: 'This device joins the heap and is measured.',
  elsewhere: 'The agent of this device runs in another tab; this one takes over when that is closed.',
  leaving: 'Work is handed back.',
  stopped: 'The agent was stopped.',
  left: 'This device has left the heap. It can join again with a new code.',
  storage_cleared: "What this page kept in this browser was cleared, and with it the device's key. Join again with a new code.",
} as const;
const reason = (code: keyof typeof REASONS): AgentReason => ({ code, sentence: REASONS[code] });

/** The agent of one browser: the life of its membership, from the first look at what is kept until it leaves. */
export class HeapBrowserAgent implements BrowserAgent {
  private readonly listeners = new Set<() => void>();
  private readonly tab: OneTab | null;
  private readonly openSlot: OpenSlot;
  private readonly http: HeapHttp;
  private database: AgentDatabase | null = null;
  private settings: Settings | null = null;
  private pieces: BrowserPieces | null = null;
  private storage_room_bytes: number | null = null;
  private sensors: BrowserSensors | null = null;
  private usage: UsageMeter | null = null;
  private node: RunningNode | null = null;
  private membership: Membership | null = null;
  private rules: BrowserRules = SAFE_BROWSER_RULES;
  /** `ready` stands for a node that runs: what it is at the moment says itself. */
  private phase: AgentState = 'starting';
  private why: AgentReason = reason('starting');
  private view: AgentView;
  private timer: ReturnType<typeof setInterval> | null = null;
  /** Changes of the membership happen one after the other. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly around: AgentSurroundings) {
    const moved = (bytes: number) => this.usage?.moved(bytes);
    this.http = new HeapHttp(around.origin, moved);
    this.openSlot = slotOpener(around.page.document, around.assets, moved);
    const missing = missingFeature(around.page);
    if (missing) this.enter('failed', missing);
    this.view = viewOf(this.surface(), null);
    this.tab = missing ? null : new OneTab(around.page.navigator.locks, around.storage);
    void this.tab?.take(
      () => void this.inTurn(() => this.begin()).catch((error: unknown) => this.fail(error)),
      () => this.enter('elsewhere', reason('elsewhere')),
    );
  }

  snapshot(): AgentView {
    return this.view;
  }

  subscribe(changed: () => void): () => void {
    this.listeners.add(changed);
    this.timer ??= setInterval(() => this.look(), LOOK_EVERY_MS);
    return () => {
      this.listeners.delete(changed);
      if (this.listeners.size > 0 || this.timer === null) return;
      clearInterval(this.timer);
      this.timer = null;
    };
  }

  join(code: string, consent: JoinConsent): Promise<void> {
    return this.inTurn(async () => {
      const { settings } = this;
      if (this.phase === 'elsewhere') throw new HeapError('runs_elsewhere', REASONS.elsewhere, 'owner');
      if (settings === null || (this.phase !== 'new' && this.phase !== 'revoked'))
        throw new HeapError('already_enrolled', 'This device has joined already, or cannot: the page says which.', 'owner');
      this.enter('joining', reason('joining'));
      try {
        // Asked for here, where the owner has just pressed a button: some browsers ask them in turn.
        await this.persist();
        await this.keepRules({ wake_lock: consent.wake_lock });
        const { clock, page } = this.around;
        const guessed_kind = guessKind(kindHints(page.navigator));
        this.membership = await enrol(code, consent, { settings, http: this.http, openSlot: this.openSlot, clock, guessed_kind });
        await this.run(this.membership);
      } catch (error) {
        this.enter('new', sayOf(error));
        throw error;
      }
    });
  }

  async hold(for_ms: number | null): Promise<number> {
    return (await this.node?.hold(for_ms)) ?? 0;
  }

  resume(): void {
    this.node?.release();
  }

  setRules(rules: Partial<BrowserRules>): Promise<void> {
    return this.inTurn(async () => {
      const { cores, storage_bytes } = this.rules;
      // Some browsers ask their owner, who has just chosen.
      if (rules.storage_bytes) await this.persist();
      await this.keepRules(rules);
      this.node?.setRules(this.rules);
      if (this.rules.cores !== cores || this.rules.storage_bytes !== storage_bytes) await this.restart();
      this.changed();
    });
  }

  setKind(kind: NodeKind): Promise<void> {
    return this.inTurn(async () => {
      const { membership, node, settings } = this;
      if (!membership || !node || !settings) throw new HeapError('not_enrolled', REASONS.not_joined, 'owner');
      const { token } = node.agent;
      if (token === null) throw new HeapError('heap_unreachable', 'The heap cannot be told now: this device is not connected.', 'provider');
      await this.http.describe(token, membership.name, kind);
      this.membership = { ...membership, kind, kind_by_owner: true };
      await settings.keepMembership(this.membership);
      // Its electricity is reckoned anew with the next offer.
      await this.restart();
    });
  }

  leave(): Promise<{ undelivered: number; taken_out: boolean }> {
    return this.inTurn(async () => {
      const { node } = this;
      this.node = null;
      this.enter('leaving', reason('leaving'));
      let undelivered = 0;
      let taken_out = false;
      if (node) {
        await node.agent.clear(REASONS.leaving);
        await this.delivered(node, LEAVE_GRACE_MS);
        const { token } = node.agent;
        taken_out =
          token !== null &&
          (await this.http.leave(token).then(
            () => true,
            () => false,
          ));
        undelivered = await node.stop(STOP_GRACE_MS);
      }
      await this.forget();
      this.enter('new', reason('left'));
      return { undelivered, taken_out };
    });
  }

  stop(): Promise<void> {
    return this.inTurn(async () => {
      const { node } = this;
      this.node = null;
      this.enter('leaving', reason('leaving'));
      await node?.stop(STOP_GRACE_MS);
      await this.usage?.close();
      this.database?.close();
      this.pieces?.close();
      this.tab?.give();
      this.enter('stopped', reason('stopped'));
    });
  }

  private async begin(): Promise<void> {
    const { page, clock } = this.around;
    if (this.phase === 'elsewhere') this.enter('starting', reason('starting'));
    this.sensors ??= await BrowserSensors.open(page, () => clock.now_ms());
    await this.openStorage();
    this.membership = (await this.settings?.membership()) ?? null;
    if (this.membership === null) return this.enter('new', reason('not_joined'));
    await this.run(this.membership);
  }

  private async openStorage(): Promise<void> {
    if (!this.sensors) return;
    this.database = await AgentDatabase.open(this.around.storage);
    this.database.onGone = () => void this.inTurn(() => this.storageCleared()).catch((error: unknown) => this.fail(error));
    this.settings = new Settings(this.database);
    this.rules = await this.settings.rules();
    this.usage = await UsageMeter.open(this.settings, this.sensors.battery);
    this.pieces = await BrowserPieces.open(`${this.around.storage}-pieces`, this.around.page.navigator.storage);
    this.storage_room_bytes = await this.pieces.room_bytes().catch(() => null);
  }

  /** That the browser does not clear the page's storage when it needs room. */
  private async persist(): Promise<void> {
    await this.around.page.navigator.storage?.persist?.().catch(() => false);
  }

  private async run(membership: Membership): Promise<void> {
    const { database, settings, sensors, usage, around } = this;
    if (!database || !settings || !sensors || !usage) throw new Error('storage is not open');
    let member = membership;
    if (member.meter_id !== METER_ID) {
      // Another meter burns other fuel: the old figure says nothing any more.
      member = { ...member, speed_fuel_per_ms: await benchmark(this.openSlot), meter_id: METER_ID };
      await settings.keepMembership(member);
    }
    this.membership = member;
    const { hardwareConcurrency, deviceMemory } = around.page.navigator as Navigator & { deviceMemory?: number };
    const capacity = slotsOf(hardwareConcurrency, this.rules.cores, deviceMemory ?? null, member.kind);
    const { page, origin, clock, log, bounds, calm } = around;
    this.node = await RunningNode.start(member, capacity, this.rules, {
      ...{ page, origin, clock, log, bounds, calm, database, settings, sensors, usage },
      http: this.http,
      openSlot: this.openSlot,
      pieces: this.pieces,
      changed: () => this.changed(),
      revoked: (sentence) => void this.inTurn(() => this.wasRevoked(sentence)).catch((error: unknown) => this.fail(error)),
    });
    this.enter('ready', reason('starting'));
  }

  private async restart(): Promise<void> {
    const { node, membership } = this;
    if (!node || !membership) return;
    this.node = null;
    this.enter('starting', reason('starting'));
    await node.stop(STOP_GRACE_MS);
    await this.run(membership);
  }

  private async wasRevoked(sentence: string): Promise<void> {
    const { node } = this;
    if (!node) return;
    this.node = null;
    await node.stop(0);
    await this.forget();
    this.enter('revoked', { code: 'revoked', sentence });
  }

  private async storageCleared(): Promise<void> {
    const { node } = this;
    if (this.phase === 'stopped') return;
    this.node = null;
    await node?.stop(0);
    await this.usage?.close();
    this.pieces?.close();
    await this.openStorage();
    this.membership = null;
    this.enter('new', reason('storage_cleared'));
  }

  /** Key, membership, results, pieces: all of it. */
  private async forget(): Promise<void> {
    await this.usage?.close();
    await this.database?.clear();
    this.database?.close();
    await this.pieces?.clear();
    this.pieces?.close();
    this.membership = null;
    await this.openStorage();
  }

  private async keepRules(rules: Partial<BrowserRules>): Promise<void> {
    const parsed = browserRules.safeParse({ ...this.rules, ...rules });
    if (!parsed.success)
      throw new HeapError('invalid_rules', `The rules are not valid: ${parsed.error.issues[0]?.path.join('.') ?? ''}.`, 'owner');
    this.rules = parsed.data;
    await this.settings?.keepRules(this.rules);
  }

  private delivered(node: RunningNode, limit_ms: number): Promise<void> {
    const { clock } = this.around;
    const end_ms = clock.now_ms() + limit_ms;
    return new Promise((resolve) => {
      const look = () => {
        const { unconfirmed, session } = node.agent.status;
        if (unconfirmed === 0 || session.state !== 'online' || clock.now_ms() >= end_ms) return resolve();
        clock.after(50, look);
      };
      look();
    });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }

  private fail(error: unknown): void {
    this.around.log.error({ error: String(error) }, 'The agent cannot run in this page.');
    this.enter('failed', sayOf(error));
  }

  private enter(phase: AgentState, why: AgentReason): void {
    this.phase = phase;
    this.why = why;
    this.changed();
  }

  private surface(): Surface {
    const { membership, rules, usage, sensors, storage_room_bytes } = this;
    return {
      state: this.phase,
      reason: this.why,
      kind: membership?.kind ?? guessKind(kindHints(this.around.page.navigator)),
      kind_by_owner: membership?.kind_by_owner ?? false,
      rules,
      usage,
      battery: sensors?.battery.level ?? null,
      charging: sensors?.battery.charging ?? null,
      storage_room_bytes,
    };
  }

  private look(): void {
    this.node?.look();
    this.changed();
  }

  private changed(): void {
    const view = viewOf(this.surface(), this.node);
    if (sameView(this.view, view)) return;
    this.view = view;
    for (const listener of [...this.listeners]) listener();
  }
}

const sayOf = (error: unknown): AgentReason =>
  error instanceof HeapError
    ? { code: error.code, sentence: error.message }
    : { code: 'failed', sentence: `Something went wrong: ${String(error)}` };
