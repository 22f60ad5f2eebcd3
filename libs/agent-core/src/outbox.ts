import { type Body, SOCKET_LIMITS, type TaskResult, type WireBody } from '#protocol';
import type { Bounds } from './bounds.js';
import type { KeptResult, OutboxStore, Seal } from './ports.js';
import { utf8Bytes } from './utf8.js';

/**
 * `sealing`: its commitment is being made. `sealed`: that is to be sent. `committed`: it was, in this session, and the result is held back until
 * the heap asks. `uploading`: its output must be stored first. `sent`: in this session, not confirmed yet.
 */
type Progress = 'sealing' | 'sealed' | 'committed' | 'uploading' | 'queued' | 'sent';

export interface Entry {
  readonly kept: KeptResult;
  /** As JSON on the wire, and the output that travels apart from it. */
  readonly bytes: number;
  readonly output_bytes: number;
  progress: Progress;
  commitment: string | null;
  gone: boolean;
}

interface Box {
  readonly lease_id: string;
  readonly lease_epoch: number;
  readonly entries: Map<string, Entry>;
  queue: Entry[];
  /** Their commitments are to be sent. */
  commits: Entry[];
  /** The heap wants to hear of this lease in this session. */
  open: boolean;
  /** More may be finished under it. */
  leased: boolean;
}

export interface Pack {
  lease_id: string;
  epoch: number;
  results: TaskResult[];
}

/** What a nonce adds to a result on the wire. */
const NONCE_BYTES = 44;

const HELD_BACK: ReadonlySet<Progress> = new Set(['sealing', 'sealed', 'committed'] as const);

const taskKey = (index: number, epoch: number) => `${index} ${epoch}`;
const boxKey = (lease_id: string, lease_epoch: number) => `${lease_id} ${lease_epoch}`;

/**
 * Every finished task from the moment it is finished until the heap confirms it, in memory here and in the store behind.
 * Nothing is forgotten before `results.ack` names it; everything unconfirmed goes out again in the next session.
 */
export class Outbox {
  private readonly boxes = new Map<string, Box>();
  private count = 0;
  private held_bytes = 0;

  constructor(
    private readonly store: OutboxStore,
    private readonly bounds: Bounds,
    private readonly wall_ms: () => number,
  ) {}

  /** What an earlier run of the agent left, however old: a wall clock may have been corrected since, and the heap says what it wants no longer. */
  async restore(): Promise<void> {
    for (const kept of await this.store.load()) this.index(kept, 0);
  }

  /** Keeps a result, in place of an earlier one of the same task. @param output the bytes when `result.output` names them by hash. */
  add(lease_id: string, lease_epoch: number, result: TaskResult, output?: Uint8Array, seal?: Seal): Entry {
    const kept: KeptResult = { lease_id, lease_epoch, result, saved_at_ms: this.wall_ms(), ...(seal && { seal }) };
    this.store.append(kept, output);
    return this.index(kept, output?.length ?? 0);
  }

  private index(kept: KeptResult, output_bytes: number): Entry {
    const { lease_id, lease_epoch, result } = kept;
    const box = this.box(lease_id, lease_epoch);
    const key = taskKey(result.index, result.epoch);
    const previous = box.entries.get(key);
    if (previous) this.forget(box, previous);
    const progress = kept.seal ? 'sealing' : openly(kept);
    const bytes = utf8Bytes(JSON.stringify(result)) + (kept.seal ? NONCE_BYTES : 0);
    const entry: Entry = { kept, bytes, output_bytes, progress, commitment: null, gone: false };
    box.entries.set(key, entry);
    if (progress === 'queued') box.queue.push(entry);
    this.count += 1;
    this.held_bytes += entry.bytes + output_bytes;
    return entry;
  }

  private box(lease_id: string, lease_epoch: number): Box {
    const key = boxKey(lease_id, lease_epoch);
    let box = this.boxes.get(key);
    if (!box) {
      box = { lease_id, lease_epoch, entries: new Map(), queue: [], commits: [], open: false, leased: false };
      this.boxes.set(key, box);
    }
    return box;
  }

  private forget(box: Box, entry: Entry): void {
    const { result } = entry.kept;
    box.entries.delete(taskKey(result.index, result.epoch));
    entry.gone = true;
    this.count -= 1;
    this.held_bytes -= entry.bytes + entry.output_bytes;
  }

  private remove(box: Box, entries: readonly Entry[]): void {
    for (const entry of entries) this.forget(box, entry);
    if (entries.length > 0) this.store.remove(entries.map((entry) => entry.kept));
    if (box.entries.size === 0 && !box.leased) this.boxes.delete(boxKey(box.lease_id, box.lease_epoch));
  }

  /** Forgets what the heap has, or does not want. Keys that are not held are harmless. */
  confirm(ack: Body<'results.ack'>): void {
    const keys = [...ack.accepted, ...ack.duplicate, ...ack.stale];
    for (const { index, epoch } of ack.rejected) keys.push([index, epoch]);
    for (const box of this.boxes.values()) {
      if (box.lease_id !== ack.lease_id) continue;
      const entries = keys.map(([index, epoch]) => box.entries.get(taskKey(index, epoch))).filter((entry) => entry !== undefined);
      this.remove(box, [...new Set(entries)]);
    }
  }

  discard(lease_id: string): void {
    for (const box of [...this.boxes.values()]) if (box.lease_id === lease_id) this.remove(box, [...box.entries.values()]);
  }

  /** The output has been stored: the result may follow it. */
  uploaded(entry: Entry): void {
    if (entry.gone || entry.progress !== 'uploading') return;
    entry.progress = 'queued';
    this.box(entry.kept.lease_id, entry.kept.lease_epoch).queue.push(entry);
  }

  /** The commitment to a result is there. */
  sealed(entry: Entry, commitment: string): void {
    if (entry.gone || entry.progress !== 'sealing') return;
    entry.commitment = commitment;
    entry.progress = 'sealed';
    this.box(entry.kept.lease_id, entry.kept.lease_epoch).commits.push(entry);
  }

  /** These results are held back no longer: of one lease, or all. @returns those whose output is to be stored first. */
  reveal(what?: { lease_id: string; epoch: number; tasks?: readonly (readonly [number, number])[] }): Entry[] {
    const boxes = what ? [this.boxes.get(boxKey(what.lease_id, what.epoch))] : [...this.boxes.values()];
    return boxes.flatMap((box) => {
      if (!box) return [];
      const named = what?.tasks?.map(([index, epoch]) => box.entries.get(taskKey(index, epoch))) ?? [...box.entries.values()];
      const held = named.filter((entry) => entry !== undefined && HELD_BACK.has(entry.progress)) as Entry[];
      for (const entry of held) {
        entry.progress = openly(entry.kept);
        if (entry.progress === 'queued') box.queue.push(entry);
      }
      return held.filter((entry) => entry.progress === 'uploading');
    });
  }

  drop(entry: Entry): void {
    if (!entry.gone) this.remove(this.box(entry.kept.lease_id, entry.kept.lease_epoch), [entry]);
  }

  /** A lease that runs, and of which the heap wants to hear. */
  open(lease_id: string, lease_epoch: number): void {
    const box = this.box(lease_id, lease_epoch);
    box.open = true;
    box.leased = true;
  }

  /** What is held, of one lease or of all, may go out in this session. */
  openHeld(lease_id?: string): void {
    for (const box of this.boxes.values()) if (lease_id === undefined || box.lease_id === lease_id) box.open = true;
  }

  /** The lease is over; its box lasts as long as something in it does. */
  close(lease_id: string, lease_epoch: number): void {
    const box = this.boxes.get(boxKey(lease_id, lease_epoch));
    if (!box) return;
    box.leased = false;
    this.remove(box, []);
  }

  /** Nothing that was sent is known to have arrived. */
  sessionEnded(): void {
    for (const box of this.boxes.values()) {
      box.open = false;
      for (const entry of box.entries.values())
        if (entry.progress === 'sent') entry.progress = 'queued';
        else if (entry.progress === 'committed') entry.progress = 'sealed';
      const entries = [...box.entries.values()];
      box.queue = entries.filter((entry) => entry.progress === 'queued');
      box.commits = entries.filter((entry) => entry.progress === 'sealed');
    }
  }

  /** Sends a result again that the heap asked for again. False when it is not here. */
  again(lease_id: string, index: number, epoch: number): boolean {
    let found = false;
    for (const box of this.boxes.values()) {
      const entry = box.lease_id === lease_id ? box.entries.get(taskKey(index, epoch)) : undefined;
      if (!entry) continue;
      found = true;
      if (entry.progress === 'sent') {
        entry.progress = 'queued';
        box.queue.push(entry);
      } else if (entry.progress === 'committed') {
        entry.progress = 'sealed';
        box.commits.push(entry);
      }
    }
    return found;
  }

  /** The commitments for the next message, of one lease. */
  nextCommits(): WireBody<'commits'> | null {
    for (const box of this.boxes.values()) {
      if (!box.open || box.commits.length === 0) continue;
      box.commits = box.commits.filter((entry) => !entry.gone && entry.progress === 'sealed');
      const taken = box.commits.splice(0, 512);
      for (const entry of taken) entry.progress = 'committed';
      const commits = taken.map(({ kept: { result }, commitment }) => ({
        index: result.index,
        epoch: result.epoch,
        commitment: commitment ?? '',
      }));
      if (commits.length > 0) return { lease_id: box.lease_id, epoch: box.lease_epoch, commits };
    }
    return null;
  }

  /**
   * The results for the next message: of one lease, as many as fit. Leases take turns.
   * @param with_nonces the heap knows commitments
   */
  next(with_nonces: boolean): Pack | null {
    for (const [key, box] of this.boxes) {
      if (!box.open || box.queue.length === 0) continue;
      const results: TaskResult[] = [];
      let bytes = 0;
      let taken = 0;
      for (const entry of box.queue) {
        if (!entry.gone) {
          if (results.length > 0 && (bytes + entry.bytes > SOCKET_LIMITS.packed_bytes || results.length === 512)) break;
          const { result, seal } = entry.kept;
          results.push(seal && with_nonces ? { ...result, nonce: seal.nonce } : result);
          bytes += entry.bytes + 1;
          entry.progress = 'sent';
        }
        taken += 1;
      }
      box.queue = box.queue.slice(taken);
      if (results.length === 0) continue;
      // To the end of the line.
      this.boxes.delete(key);
      this.boxes.set(key, box);
      return { lease_id: box.lease_id, epoch: box.lease_epoch, results };
    }
    return null;
  }

  /** Results that `next` could give now. */
  get sendable(): number {
    let sendable = 0;
    for (const box of this.boxes.values()) if (box.open) sendable += box.queue.length + box.commits.length;
    return sendable;
  }

  get size(): number {
    return this.count;
  }

  get full(): boolean {
    return this.count >= this.bounds.unconfirmed_results || this.held_bytes >= this.bounds.unconfirmed_bytes;
  }

  *all(): Iterable<Entry> {
    for (const box of this.boxes.values()) yield* box.entries.values();
  }
}

/** Where a result begins that is not held back. */
const openly = ({ result }: KeptResult): Progress => ('hash' in result.output ? 'uploading' : 'queued');
