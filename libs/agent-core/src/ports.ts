import type { KeyAlgorithm, LeaseTerms, TaskResult } from '#protocol';
import type { SandboxSlot } from '#sandbox';
import type { SlotClass, StorageClass } from '#units';
import type { PieceHttp, PieceStore } from './pieces/store.js';

/**
 * What the agent needs of its host. The Node.js agent and the browser agent each bring their own; the core knows neither
 * platform, so that one session, one runner and one set of tests serve every device.
 */

export type Cancel = () => void;

export interface Clock {
  /** Monotonic: for durations. */
  now_ms(): number;
  /** Since 1970: only to stamp what is kept on disk. */
  wall_ms(): number;
  after(delay_ms: number, run: () => void): Cancel;
}

export interface SocketEvents {
  /** One text frame. Frames arrive only after `openSocket` has returned. */
  message(text: string): void;
  /** Once, also when the connection could not be made. */
  close(code: number, reason: string): void;
}

export interface SocketPort {
  send(text: string): void;
  /** The caller hears nothing more, however long the peer takes to answer. */
  close(code: number, reason: string): void;
}

export type OpenSocket = (url: string, events: SocketEvents) => SocketPort;

/** This device and the heap it belongs to. WebCrypto answers later, node:crypto at once: both will do. */
export interface Identity {
  node_id: string;
  /** Default Ed25519. */
  algorithm?: KeyAlgorithm;
  /** The device key's signature, base64. */
  sign(text: string): string | Promise<string>;
  /** Whether the heap's key, pinned at enrolment, signed this lease. */
  verifyLease(text: string, signature: string): boolean | Promise<boolean>;
}

/**
 * Content-addressed bytes over HTTP, with the session's token.
 * @throws HeapError `blob_unreachable` (worth another try), `blob_unauthorised` (with the next token), or any other code: final.
 */
export interface BlobStore {
  get(hash: string, token: string): Promise<Uint8Array>;
  put(hash: string, bytes: Uint8Array, token: string): Promise<void>;
}

/** Fast on every platform, and different on each. */
export interface ByteTools {
  toBase64(bytes: Uint8Array): string;
  fromBase64(text: string): Uint8Array;
  /** Lower-case hex. */
  sha256(bytes: Uint8Array): string | Promise<string>;
  /** That nobody can foresee. */
  random(count: number): Uint8Array;
}

/** What a commitment has beside its result. */
export interface Seal {
  job_id: string;
  nonce: string;
}

/** A finished task that the heap has not yet confirmed. */
export interface KeptResult {
  lease_id: string;
  lease_epoch: number;
  result: TaskResult;
  saved_at_ms: number;
  /** Of a lease that asks for commitments: what makes that of this result. */
  seal?: Seal | undefined;
}

/** Keeps results over a crash of the agent. Writes may be batched: what is lost in a crash costs time, never correctness. */
export interface OutboxStore {
  load(): Promise<KeptResult[]>;
  /** @param output the bytes, when `result.output` names them by hash. */
  append(kept: KeptResult, output?: Uint8Array): void;
  remove(kept: readonly KeptResult[]): void;
  /** The bytes given to `append`, or null when they were lost. */
  output(hash: string): Promise<Uint8Array | null>;
}

export type OpenSlot = (slot_class: SlotClass) => Promise<SandboxSlot>;

type LogLine = (fields: Record<string, unknown>, sentence: string) => void;
export interface Log {
  debug: LogLine;
  info: LogLine;
  warn: LogLine;
  error: LogLine;
}

/** What the owner puts up for sale. */
export interface Capacity {
  slot_class: SlotClass;
  count: number;
  /** Micro-units per 10¹² fuel below which nothing is sold; null leaves it to the market. */
  reserve_price_micro: bigint | null;
}

/** What the owner lets others keep on the device, beside the slots for work. */
export interface Kept {
  /** Micro-units per slot-hour; null leaves the price to the heap. */
  standing: readonly Capacity[];
  /** Micro-units per GB-month. */
  storage: readonly { storage_class: StorageClass; bytes: number; reserve_price_micro: bigint | null }[];
  /** At most so much of it is moved over the network in a day (of UTC), both ways together; without, no limit is set. */
  moved_bytes_per_day?: number | null;
}

export interface Ports {
  openSocket: OpenSocket;
  clock: Clock;
  /** Uniform in [0, 1). */
  random(): number;
  identity: Identity;
  blobs: BlobStore;
  bytes: ByteTools;
  outbox: OutboxStore;
  openSlot: OpenSlot;
  /** Where pieces of volumes are kept, and how they come; a host without it keeps none. */
  pieces?: { store: PieceStore; http: PieceHttp };
  log: Log;
}

export type { LeaseTerms, TaskResult };
