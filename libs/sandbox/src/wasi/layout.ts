import type { Descriptor } from './descriptors.js';
import type { FsNode } from './files/node.js';
import type { Guest } from './guest.js';

/** Structures of preview 1 in the task's memory. Source: WebAssembly/WASI, legacy/preview1/docs.md. */

const FILE_TYPE = { stream: 2, directory: 3, file: 4 } as const;

export const DIRENT_BYTES = 24;

/** `filestat`, 64 bytes; a stream is a character device without size or times. */
export function putFilestat(guest: Guest, pointer: number, node: FsNode | null): void {
  guest.slice(pointer, 64).fill(0);
  const view = guest.data();
  const at = pointer >>> 0;
  view.setUint8(at + 16, FILE_TYPE[node?.kind ?? 'stream']);
  if (node === null) return;
  view.setBigUint64(at + 8, node.ino, true);
  view.setBigUint64(at + 24, BigInt(node.kind === 'file' ? node.links : 1), true);
  view.setBigUint64(at + 32, BigInt(node.kind === 'file' ? node.size : 0), true);
  view.setBigUint64(at + 40, node.times.accessed_ns, true);
  view.setBigUint64(at + 48, node.times.modified_ns, true);
  view.setBigUint64(at + 56, node.times.changed_ns, true);
}

/** `fdstat`, 24 bytes. */
export function putFdstat(guest: Guest, pointer: number, held: Descriptor): void {
  guest.slice(pointer, 24).fill(0);
  const view = guest.data();
  const at = pointer >>> 0;
  view.setUint8(at, FILE_TYPE[held.kind]);
  view.setUint16(at + 2, held.flags, true);
  view.setBigUint64(at + 8, held.rights, true);
  view.setBigUint64(at + 16, held.inheriting, true);
}

/** `dirent` and the name behind it. */
export function direntOf(name: Uint8Array, node: FsNode, next: number): Uint8Array {
  const bytes = new Uint8Array(DIRENT_BYTES + name.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(next), true);
  view.setBigUint64(8, node.ino, true);
  view.setUint32(16, name.length, true);
  view.setUint8(20, FILE_TYPE[node.kind]);
  bytes.set(name, DIRENT_BYTES);
  return bytes;
}
