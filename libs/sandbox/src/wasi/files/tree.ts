import type { ViewFile } from '../../port.js';
import type { DirectoryNode, FileNode, FsNode, Times } from './node.js';

/** Where a task with a scratch directory finds it. */
export const SCRATCH = 'tmp';

/** Counts nodes and names, so that the same steps give the same numbers everywhere. */
export class Maker {
  private inos = 0n;
  private seqs = 2; // `.` and `..` come first in a listing

  directory(parent: DirectoryNode | null, writable: boolean, now_ns: bigint): DirectoryNode {
    return { kind: 'directory', ino: ++this.inos, writable, times: times(now_ns), parent, entries: new Map(), removed: false };
  }

  file(bytes: Uint8Array, writable: boolean, now_ns: bigint): FileNode {
    return { kind: 'file', ino: ++this.inos, writable, times: times(now_ns), bytes, size: bytes.length, links: 0, opens: 0 };
  }

  /** Gives a node a name, over what had it. */
  enter(directory: DirectoryNode, name: string, node: FsNode): void {
    directory.entries.delete(name); // what is new comes last
    directory.entries.set(name, { seq: ++this.seqs, node });
    if (node.kind === 'file') node.links += 1;
    else node.parent = directory;
  }
}

const times = (now_ns: bigint): Times => ({ accessed_ns: now_ns, modified_ns: now_ns, changed_ns: now_ns });

/** The view names files in a way that makes no tree. */
export class BadView extends Error {}

/** The root of a task's files: what the job gave, read-only, in the order of their paths, and an empty scratch directory if it has one. */
export function plant(files: readonly ViewFile[], scratch: boolean, make: Maker, now_ns: bigint): DirectoryNode {
  const root = make.directory(null, false, now_ns);
  const by_path = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path, bytes } of by_path) {
    const parts = path.split('/');
    const name = parts.pop() ?? '';
    let directory = root;
    for (const part of parts) directory = directoryIn(directory, part, make, now_ns);
    if (!isName(name) || directory.entries.has(name)) throw new BadView(`the view cannot have a file at "${path}"`);
    make.enter(directory, name, make.file(bytes, false, now_ns));
  }
  if (root.entries.has(SCRATCH)) throw new BadView(`the view cannot have a file at "${SCRATCH}"`);
  if (scratch) make.enter(root, SCRATCH, make.directory(root, true, now_ns));
  return root;
}

const isName = (name: string) => name !== '' && name !== '.' && name !== '..' && !name.includes('\0');

function directoryIn(parent: DirectoryNode, name: string, make: Maker, now_ns: bigint): DirectoryNode {
  const known = parent.entries.get(name)?.node;
  if (known?.kind === 'directory') return known;
  if (known || !isName(name)) throw new BadView(`the view cannot have a directory "${name}"`);
  const made = make.directory(parent, false, now_ns);
  make.enter(parent, name, made);
  return made;
}
