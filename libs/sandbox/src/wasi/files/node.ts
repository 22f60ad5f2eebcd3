/** Virtual nanoseconds since 1970. */
export interface Times {
  accessed_ns: bigint;
  modified_ns: bigint;
  changed_ns: bigint;
}

interface Common {
  /** Counted up from 1 as nodes are made: the same everywhere. */
  readonly ino: bigint;
  /** False for what the job gave: it can be read, and its directories listed. */
  readonly writable: boolean;
  readonly times: Times;
}

export interface FileNode extends Common {
  readonly kind: 'file';
  /** May be longer than the file. */
  bytes: Uint8Array;
  size: number;
  /** Names it has. */
  links: number;
  /** Descriptors that hold it: without names and descriptors its room is free again. */
  opens: number;
}

export interface DirectoryNode extends Common {
  readonly kind: 'directory';
  parent: DirectoryNode | null;
  readonly entries: Map<string, Entry>;
  /** It was removed; descriptors may still hold it, and nothing can be made in it. */
  removed: boolean;
}

export type FsNode = FileNode | DirectoryNode;

export interface Entry {
  /** Grows with each name that is made: the order of a listing, and the cookie it goes on from. */
  readonly seq: number;
  readonly node: FsNode;
}
