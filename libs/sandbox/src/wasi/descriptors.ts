import { fault } from './errno.js';
import type { FileSystem } from './files/file-system.js';
import type { DirectoryNode, FileNode } from './files/node.js';
import { ALL_RIGHTS, DIRECTORY_RIGHTS, RIGHT, type Right } from './rights.js';

/** Descriptors at a time, with the three streams. */
export const DESCRIPTORS_MAX = 128;

interface Held {
  /** What may be done with it, and with what is opened through it. */
  rights: bigint;
  inheriting: bigint;
  /** `fdflags` of preview 1; only 1, append, means something here. */
  flags: number;
}

export interface StreamDescriptor extends Held {
  kind: 'stream';
  stream: 'input' | 'output' | 'logs';
}

export interface FileDescriptor extends Held {
  kind: 'file';
  node: FileNode;
  /** Where the next read or write goes. */
  at: number;
}

export interface DirectoryDescriptor extends Held {
  kind: 'directory';
  node: DirectoryNode;
  /** Under which the task finds it at its start; null for what it opened itself. */
  preopened: string | null;
}

export type Descriptor = StreamDescriptor | FileDescriptor | DirectoryDescriptor;

const stream = (which: StreamDescriptor['stream']): StreamDescriptor => ({
  kind: 'stream',
  stream: which,
  rights: which === 'input' ? RIGHT.fd_read : RIGHT.fd_write,
  inheriting: 0n,
  flags: 0,
});

/** The open descriptors of one run. The lowest free number is given first, as POSIX has it. */
export class Descriptors {
  private table: (Descriptor | null)[] = [];
  private files: FileSystem | null = null;

  /** Streams at 0, 1 and 2; with files, their root at 3. */
  begin(files: FileSystem | null): void {
    this.files = files;
    this.table = [stream('input'), stream('output'), stream('logs')];
    if (files === null) return;
    this.table.push({ kind: 'directory', node: files.root, preopened: '/', rights: DIRECTORY_RIGHTS, inheriting: ALL_RIGHTS, flags: 0 });
  }

  get(fd: number): Descriptor {
    return this.table[fd >>> 0] ?? fault('badf');
  }

  /** A file that may be used so. */
  file(fd: number, right: Right): FileDescriptor {
    const held = this.get(fd);
    if (held.kind === 'directory') return fault('isdir');
    if (held.kind === 'stream') return fault('spipe');
    return allowed(held, right);
  }

  /** A directory that may be used so. */
  directory(fd: number, right: Right): { descriptor: DirectoryDescriptor; files: FileSystem } {
    const held = this.get(fd);
    if (held.kind !== 'directory' || this.files === null) return fault('notdir');
    return { descriptor: allowed(held, right), files: this.files };
  }

  open(descriptor: FileDescriptor | DirectoryDescriptor): number {
    const free = this.table.indexOf(null);
    const fd = free < 0 ? this.table.length : free;
    if (fd >= DESCRIPTORS_MAX) return fault('mfile');
    this.table[fd] = descriptor;
    if (descriptor.kind === 'file') descriptor.node.opens += 1;
    return fd;
  }

  /** Before something is made that a descriptor is to hold. */
  refuseWhenFull(): void {
    if (this.table.length >= DESCRIPTORS_MAX && !this.table.includes(null)) fault('mfile');
  }

  close(fd: number): void {
    const held = this.get(fd);
    this.table[fd >>> 0] = null;
    if (held.kind === 'file') this.files?.closed(held.node);
  }

  /** Moves a descriptor over another, which is closed. */
  renumber(from: number, to: number): void {
    const held = this.get(from);
    this.get(to);
    if (from === to) return;
    this.close(to);
    this.table[to >>> 0] = held;
    this.table[from >>> 0] = null;
  }
}

export function allowed<D extends Held>(held: D, right: Right): D {
  if ((held.rights & RIGHT[right]) === 0n) fault('notcapable');
  return held;
}
