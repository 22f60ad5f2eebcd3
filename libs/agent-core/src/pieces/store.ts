/** What a device knows of a piece that it keeps. */
export interface PieceFacts {
  /** A UUID in lower case. */
  piece_id: string;
  bytes: number;
  /** Of its hash tree, in hex. */
  root: string;
  /** For so long it is kept without another word. */
  keep_ms: number;
  /** ms since 1970. */
  keep_until_ms: number;
}

/** What else outlives the agent. */
export interface PieceNotes {
  /** Since when (ms since 1970) more is kept than the owner allots; null where that is not so. */
  over_since_ms: number | null;
  /** Days since 1970, and what was moved in that day. */
  day: number;
  moved_bytes: number;
}

export const NO_NOTES: PieceNotes = { over_since_ms: null, day: 0, moved_bytes: 0 };

/** A piece that is being written. Of one that is not kept nothing is left, also when the agent dies. */
export interface PieceDraft {
  /** The bytes may be reused when this resolves. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when all of it outlives a loss of power; what was kept under this id before is replaced whole. */
  keep(facts: PieceFacts, leaves: Uint8Array): Promise<void>;
  discard(): Promise<void>;
}

/**
 * Where pieces lie: files, or what a browser has in their place. It holds no bytes of a piece in memory.
 * @throws HeapError `no_room` where the disk is full; any other error is one of the disk.
 */
export interface PieceStore {
  /** Every piece that was kept whole; also sweeps away drafts that a crash left. Called first, and once. */
  list(): Promise<PieceFacts[]>;
  draft(piece_id: string): Promise<PieceDraft>;
  /** Fewer bytes where the piece was cut. @throws HeapError `piece_missing` */
  read(piece_id: string, offset: number, bytes: number): Promise<Uint8Array>;
  /** The digests of its leaves, as they were given. @throws HeapError `piece_missing` */
  leaves(piece_id: string): Promise<Uint8Array>;
  /** Need not outlive a loss of power. */
  renew(piece_id: string, keep_until_ms: number): Promise<void>;
  /** One that is not there is no error. */
  delete(piece_id: string): Promise<void>;
  /** Of the disk, for everybody. */
  free_bytes(): Promise<number>;
  notes(): Promise<PieceNotes>;
  keepNotes(notes: PieceNotes): Promise<void>;
}

/**
 * Pieces over HTTP, with the session's token.
 * @throws HeapError `blob_unreachable` (worth another try), `blob_unauthorised` (with the next token), or any other code: final.
 */
export interface PieceHttp {
  get(transfer_id: string, token: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** What `chunks` throws it throws on. @param bytes of all chunks together. */
  put(transfer_id: string, token: string, bytes: number, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>;
}
