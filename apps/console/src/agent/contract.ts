import type { NodeKind, SlotClass, WorkloadClass } from '#units';

/**
 * What a page sees of the agent that it hosts, and what it may ask of it. No DOM and no framework: a page draws the view and calls the methods,
 * nothing else.
 */
export interface BrowserAgent {
  /** The same object until something changes: it can be compared by identity (`useSyncExternalStore`). */
  snapshot(): AgentView;
  /** @returns ends the subscription. */
  subscribe(changed: () => void): () => void;
  /**
   * Makes this device a node of the heap with an enrolment code, and starts to work. A device that is one already goes on without a code when
   * the page loads; this replaces a membership only after `leave`.
   * @throws HeapError with a sentence for the owner: `enrolment_code_refused`, `heap_unreachable`, `browser_lacks`, `already_enrolled`, …
   */
  join(code: string, consent: JoinConsent): Promise<void>;
  /** Everything of the heap stops now. @param for_ms null holds until `resume`. @returns milliseconds until nothing ran any more. */
  hold(for_ms: number | null): Promise<number>;
  /** Ends a hold; the owner's rules still count. */
  resume(): void;
  /** Takes effect at once and outlives the page; members left out stay as they are. */
  setRules(rules: Partial<BrowserRules>): Promise<void>;
  /** @throws HeapError `heap_unreachable` while offline. */
  setKind(kind: NodeKind): Promise<void>;
  /**
   * Stops, hands the work back, delivers what is finished, takes the device out of the heap and forgets its key.
   * `taken_out` is false where the heap could not be reached: its owner still sees the device then, as disconnected.
   */
  leave(): Promise<{ undelivered: number; taken_out: boolean }>;
  /** For a page that goes away for good; what is under way is handed back. A page that just closes need not call it. */
  stop(): Promise<void>;
}

export interface JoinConsent {
  /** Keep the screen on while the device charges and works. */
  wake_lock: boolean;
  /** How the owner's list shows it; null takes one from its kind. */
  name: string | null;
  /** What the owner says it is; null takes what the browser tells. */
  kind: NodeKind | null;
}

/** When the device works; the defaults are `SAFE_BROWSER_RULES`. */
export interface BrowserRules {
  /** Only while it charges. */
  charging: boolean;
  /** Only from this charge on, 0 to 1; null at any. */
  battery_min: number | null;
  /** Not on a network that costs by the byte, nor while the browser is to save data. */
  unmetered: boolean;
  /** Also while another tab, window or program is in front. */
  background: boolean;
  /** Of the processor's cores, 0 to 1; one slot at least. */
  cores: number;
  /** Keep the screen on while the device charges and works. */
  wake_lock: boolean;
  /** The owner has said that what the browser cannot tell (battery, network) is all right. */
  trust_unknown: boolean;
  /** Pieces of volumes may take so much of the browser's storage; 0 keeps none. */
  storage_bytes: number;
}

export const AGENT_STATES = [
  /** Looks at what an earlier visit left. */
  'starting',
  /** No node of a heap: waits for `join`. */
  'new',
  /** Enrols, and measures how fast it is. */
  'joining',
  /** A tab of the same browser runs the agent; this one takes over when it closes. */
  'elsewhere',
  /** A node, and not connected: finishes what it has, keeps results, and tries again. */
  'offline',
  /** Connected, waiting for work. */
  'ready',
  'working',
  /** The rules or the owner keep it from working; `reason` says which. */
  'paused',
  /** Hands work back after `leave` or `stop`. */
  'leaving',
  /** Stopped by the page. */
  'stopped',
  /** The heap has taken it out: a new code makes it a node again. */
  'revoked',
  /** It cannot run here; `reason` says what is missing. */
  'failed',
] as const;
export type AgentState = (typeof AGENT_STATES)[number];

/** A code for programs, a sentence for the owner. */
export interface AgentReason {
  code: string;
  sentence: string;
}

/** One lease, in words. */
export interface CurrentWork {
  lease_id: string;
  slot_class: SlotClass;
  /** What its developer says it is for; null until the heap has told. `WORKLOAD_CLASSES` has a sentence for each. */
  workload_class: WorkloadClass | null;
  /** What its tasks may see and use, in sentences. */
  may: readonly string[];
  running: boolean;
  tasks_done: number;
  tasks_waiting: number;
  fuel_used: bigint;
  /** Of the task that runs, for how long; null between tasks. */
  task_ms: number | null;
}

/** Pieces of volumes. */
export interface StoredView {
  pieces: number;
  bytes: number;
  /** At most: the owner's choice, or less where the browser allows less. */
  quota_bytes: number;
  /** Of the pieces, that the browser's storage has changed. */
  damaged: number;
  /** Over the network, both ways, of this day (of UTC). */
  moved_today_bytes: number;
  /** Why nothing is moved now. */
  paused: string | null;
}

export interface AgentView {
  state: AgentState;
  reason: AgentReason;
  /** Whether the heap hears it at this moment. */
  connected: boolean;
  work: readonly CurrentWork[];
  node_id: string | null;
  name: string | null;
  kind: NodeKind;
  /** Whether the owner has said so; otherwise the browser's hints did. */
  kind_by_owner: boolean;
  slots: number;
  /** Fuel per millisecond of one slot: by the benchmark at joining, later of real work. Null until measured. */
  speed_fuel_per_ms: number | null;
  speed_from: 'benchmark' | 'work' | null;
  /** What the heap has on its books for this device, in micro-units of `currency`; null until it was heard. */
  earned_micro: bigint | null;
  earned_today_micro: bigint | null;
  currency: string | null;
  /** Of this visit. */
  tasks_done: number;
  fuel_used: bigint;
  /** Finished here, not yet confirmed by the heap; kept over reloads. */
  unconfirmed: number;
  /**
   * From the word of the owner or the rules until nothing ran any more, the last time; null when that has not happened.
   * A browser ends a worker when it is told to and does not say when it is dead: until it was told is what is measured.
   */
  give_back_ms: number | null;
  give_backs: { count: number; p50_ms: number; p99_ms: number } | null;
  /** Since the device joined, to and from the heap, headers left out. */
  data_bytes: number;
  /** Share of the battery, 0 to 1, that went while it worked off the charger since it joined; null where the browser does not tell. */
  battery_used: number | null;
  battery: number | null;
  charging: boolean | null;
  /** What it keeps of volumes; null where the browser lets it keep nothing, or while it is no node. */
  stored: StoredView | null;
  /** What the browser says it would let the page keep, with what it keeps already; null where it does not tell. */
  storage_room_bytes: number | null;
  rules: BrowserRules;
  /** Each rule with its reading, also those that allow: for "why is it paused". */
  ruled: readonly { rule: string; verdict: 'off' | 'allows' | 'forbids' | 'unknown'; sentence: string }[];
  /** Where the owner set the rules in force, and since when (ms since 1970) they are; null while nothing was set but at joining. */
  ruled_by: { origin: 'device' | 'heap'; since_ms: number } | null;
  /** When a hold ends, ms since 1970; null when it is not held or until `resume`. */
  held_until_ms: number | null;
  held: boolean;
  screen_kept_on: boolean;
  /** Nothing runs and nothing waits to be delivered: a good moment for a page to replace itself. */
  quiet: boolean;
  agent_version: string;
  meter_id: string;
}

export const SAFE_BROWSER_RULES: BrowserRules = {
  charging: true,
  battery_min: 0.8,
  unmetered: true,
  background: false,
  cores: 0.5,
  wake_lock: false,
  trust_unknown: false,
  storage_bytes: 0,
};
