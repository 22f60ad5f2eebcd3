/** The limits of protocol.md and security.md, in one place: both ends and the tests read them from here. */
export const PROTOCOL = 'openheaps.v1';
/** Named among a heap's versions: it understands `owner` and `given`. Agents that know neither never say them and are told no `wish`. */
export const OWNER_WORDS = 'openheaps.v1+owner';
/** Named among a heap's versions: it understands `pieces` and what follows from it. A node that keeps none says nothing of pieces and is told nothing. */
export const PIECES = 'openheaps.v1+pieces';
/** Named among a heap's versions, and by nodes in `hello`: both know `commits` and `reveal`. To a node that does not name it no lease asks for commitments. */
export const COMMITS = 'openheaps.v1+commits';

export const SOCKET_LIMITS = {
  frame_bytes: 64 * 1024,
  /** Room for the envelope when payloads are packed into a frame. */
  packed_bytes: 60 * 1024,
  json_depth: 16,
  inline_bytes: 32 * 1024,
  window_messages: 64,
  window_bytes: 1024 * 1024,
  /** A session whose connection broke can be taken up again for so long, and until so much waits for the peer. */
  resume_ms: 15 * 60_000,
  resume_messages: 256,
  resume_bytes: 4 * 1024 * 1024,
  /** An offer that could not be delivered is not worth delivering after this: another follows it. */
  offer_ages_ms: 60_000,
  ack_every_messages: 8,
  ack_every_ms: 2_000,
  hello_within_ms: 5_000,
  heartbeat_ms: 30_000,
  /** A phone without work need not wake more often. */
  idle_phone_heartbeat_ms: 60_000,
  /** A peer silent for this many heartbeats is disconnected. */
  dead_after_heartbeats: 2.5,
  rate_per_s: 50,
  rate_burst: 200,
  rate_breaches: 3,
  logs_bytes: 4 * 1024,
} as const;

export const HTTP_LIMITS = {
  body_bytes: 1024 * 1024,
  module_bytes: 8 * 1024 * 1024,
  /** Of a JavaScript module, with all that is bundled into it. */
  source_bytes: 4 * 1024 * 1024,
  blob_bytes: 64 * 1024 * 1024,
  array_items: 1_000,
  page_items: 100,
  /** Ten years. */
  reserved_hours: 87_600,
  results_page_items: 1_000,
} as const;

export const PIECE_LIMITS = {
  /** A third of a segment of 16 MiB, which is the largest piece that a class makes, and room to spare. */
  piece_bytes: 8 * 1024 * 1024,
  /** Of one `piece.del` or `piece.gone`. */
  pieces: 512,
  /** Of one audit: with leaves of 2 KiB and their proofs the answer fits into a frame. */
  challenges: 16,
  leaf_bytes: 2_048,
  /** Digests beside a leaf. */
  proof: 32,
  /** The longest a piece may be kept without another word, and the longest a transfer may take: 62 days. */
  span_ms: 62 * 24 * 3_600_000,
} as const;

/** Of a developer's own verifier, on one result. */
export const OWN_VERIFIER_LIMITS = {
  fuel: 10_000_000_000,
  /** Input and output together. */
  shown_bytes: 4 * 1024 * 1024,
} as const;

export const VIEW_LIMITS = {
  files: 128,
  path_bytes: 512,
  name_bytes: 255,
  path_names: 16,
  env: 64,
  /** Input files and scratch together; a slot's class may hold less. */
  bytes: 256 * 1024 * 1024,
  scratch_files: 4_096,
  scratch_files_default: 256,
  /** Arguments, variables, paths and hashes as JSON. */
  manifest_bytes: 40 * 1024,
  /** Calls of one task into its host. */
  host_calls: 1_000_000_000,
} as const;

export const CLOSE = {
  too_big: 1009,
  try_later: 1013,
  malformed: 4400,
  unauthenticated: 4401,
  revoked: 4403,
  gap: 4408,
  replaced: 4409,
  upgrade: 4426,
  rate: 4429,
} as const;
