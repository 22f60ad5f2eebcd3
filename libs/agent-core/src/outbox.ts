import { type Body, SOCKET_LIMITS, type TaskResult } from '#protocol';
import type { Bounds } from './bounds.js';
import type { KeptResult, OutboxStore } from './ports.js';
import { utf8Bytes } from './utf8.js';

/** `uploading`: its output must be stored first. `sent`: in this session, not confirmed yet. */
type Progress = 'uploading' | 'queued' | 'sent';

export interface Entry {
  readonly kept: KeptResult;
  /** As JSON on the wire, and the output that travels apart from it. */
  readonly bytes: number;
  readonly output_bytes: number;
  progress: Progress;
  gone: boolean;
}

interface Box {
  readonly lease_id: string;
  readonly lease_epoch: number;
  readonly entries: Map<string, Entry>;
  queue: Entry[];
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
  add(lease_id: string, lease_epoch: number, result: TaskResult, output?: Uint8Array): Entry {
    const kept: KeptResult = { lease_id, lease_epoch, result, saved_at_ms: this.wall_ms() };
    this.store.append(kept, output);
    return this.index(kept, output?.length ?? 0);
  }

  private index(kept: KeptResult, output_bytes: number): Entry {
    const { lease_id, lease_epoch, result } = kept;
    const box = this.box(lease_id, lease_epoch);
    const key = taskKey(result.index, result.epoch);
    const previous = box.entries.get(key);
    if (previous) this.forget(box, previous);
    const progress = 'hash' in result.output ? 'uploading' : 'queued';
    const entry: Entry = { kept, bytes: utf8Bytes(JSON.stringify(result)), output_bytes, progress, gone: false };
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
      box = { lease_id, lease_epoch, entries: new Map(), queue: [], open: false, leased: false };
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
      for (const entry of box.entries.values()) if (entry.progress === 'sent') entry.progress = 'queued';
      box.queue = [...box.entries.values()].filter((entry) => entry.progress === 'queued');
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
      }
    }
    return found;
  }

  /** The results for the next message: of one lease, as many as fit. Leases take turns. */
  next(): Pack | null {
    for (const [key, box] of this.boxes) {
      if (!box.open || box.queue.length === 0) continue;
      const results: TaskResult[] = [];
      let bytes = 0;
      let taken = 0;
      for (const entry of box.queue) {
        if (!entry.gone) {
          if (results.length > 0 && (bytes + entry.bytes > SOCKET_LIMITS.packed_bytes || results.length === 512)) break;
          results.push(entry.kept.result);
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
    for (const box of this.boxes.values()) if (box.open) sendable += box.queue.length;
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
