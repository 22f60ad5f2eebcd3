import { SOCKET_LIMITS } from '#protocol';

/** Every limit of the agent in one place; tests inject smaller ones. */
export const DEFAULT_BOUNDS = {
  /** Full jitter: a random wait of up to `base × 2^attempt`, never more than `cap`. */
  reconnect_base_ms: 1_000,
  reconnect_cap_ms: 300_000,
  /** After this long, or once the heap took results in, a connection counts as good and the next loss starts from the base again. */
  stable_ms: 10_000,
  /** Another copy of this device took over, or the agent is too old: knocking often would help nobody. */
  long_wait_ms: 300_000,
  /** From opening the socket to the challenge, and from `hello` to the welcome. */
  handshake_ms: 10_000,
  heartbeat_min_ms: 100,
  heartbeat_max_ms: 600_000,
  /** The heap should have answered `state` by then; results go out unasked afterwards, which is harmless: they are idempotent. */
  reconcile_ms: 10_000,
  /** Below the heap's limit, so that clocks that differ a little do not cost the connection. */
  rate_per_s: SOCKET_LIMITS.rate_per_s * 0.9,
  rate_burst: SOCKET_LIMITS.rate_burst * 0.75,
  /** Control messages waiting for the peer's window. More means that the peer does not read. */
  control_waiting: 512,
  flush_ms: 2,
  flush_results: 64,
  /** New work waits while more finished work than this awaits the heap's confirmation. */
  unconfirmed_results: 4_096,
  unconfirmed_bytes: 16 * 1024 * 1024,
  batch_tasks: 64,
  batch_output_bytes: 64 * 1024 * 1024,
  batch_input_bytes: 32 * 1024 * 1024,
  /** Per lease, waiting; inputs that come by hash count when they are fetched. */
  tasks_held: 4_096,
  input_bytes_held: 32 * 1024 * 1024,
  term_ms: 24 * 3_600_000,
  term_grace_ms: 90_000,
  wall_ms: 3_600_000,
  /** A sandbox that does not stop within this is replaced: with the rest of the path, a device is given back within a second. */
  abort_ms: 500,
  /** A warm process holds some 60 MiB that the owner may want. */
  idle_slot_ms: 10_000,
  modules_kept_bytes: 16 * 1024 * 1024,
  /** Input files of jobs, kept for the next lease of the same job; a lease holds its own as long as it lasts. */
  files_kept_bytes: 64 * 1024 * 1024,
  /** Leases in a row that come to nothing before the device rests, and for how long, doubling. */
  misfires: 3,
  rest_ms: 10_000,
  rest_cap_ms: 600_000,
  /** A device that has become slow rests for this long, and longer each time that it still is. */
  cool_ms: 60_000,
  /** Pieces of volumes that are moved at a time, and that wait to be. */
  piece_transfers: 2,
  piece_transfers_waiting: 256,
  /** Left free on the disk for the device's owner, whatever they allot. */
  disk_spare_bytes: 1_000_000_000,
  piece_sweep_ms: 3_600_000,
  /** A piece that nobody asks for is kept for this much longer than it was to be, and not given up before the heap was there for so long. */
  piece_grace_ms: 7 * 24 * 3_600_000,
  piece_expiry_online_ms: 3_600_000,
  /** The heap has so long to move what a smaller quota has no room for. */
  quota_grace_ms: 14 * 24 * 3_600_000,
  /** A changed speed is offered at most so often. */
  speed_offer_ms: 60_000,
} as const;

export type Bounds = { readonly [K in keyof typeof DEFAULT_BOUNDS]: number };
