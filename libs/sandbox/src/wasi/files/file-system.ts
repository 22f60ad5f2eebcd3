import type { ViewFile } from '../../port.js';
import { fault } from '../errno.js';
import { bytesAt, resize, writeAt } from './content.js';
import { FILE_FUEL } from './fuel.js';
import type { DirectoryNode, FileNode, FsNode } from './node.js';
import { type Place, walk } from './path.js';
import { Quota } from './quota.js';
import { Maker, plant } from './tree.js';

/** What the file system asks of the run it serves. */
export interface FileMeter {
  charge(fuel: number): void;
  /** The virtual clock. */
  now(): bigint;
}

export interface ScratchLimits {
  /** Names in the scratch directory; none means that there is no scratch directory. */
  files: number;
  /** Bytes of all its files. */
  file_bytes: number;
}

export interface OpenHow {
  create: boolean;
  exclusive: boolean;
  truncate: boolean;
  directory: boolean;
  write: boolean;
}

/**
 * The files of one run, in memory: what the job gave, read-only, and a scratch directory that is gone with the run. Paths start at a directory
 * and never lead above it. Everything throws `Fault`; everything costs fuel; nothing depends on the host.
 */
export class FileSystem {
  readonly root: DirectoryNode;
  private readonly make = new Maker();
  private readonly quota: Quota;

  /** Throws `BadView`. */
  constructor(
    files: readonly ViewFile[],
    scratch: ScratchLimits,
    private readonly meter: FileMeter,
  ) {
    this.root = plant(files, scratch.files > 0, this.make, meter.now());
    this.quota = new Quota(scratch.file_bytes, scratch.files);
  }

  /** Looks a path up; `node` is null when only the last name is missing. */
  find(base: DirectoryNode, path: string): Place {
    this.meter.charge(FILE_FUEL.path + path.length);
    return walk(base, path, () => this.meter.charge(FILE_FUEL.name));
  }

  existing(base: DirectoryNode, path: string): FsNode {
    return this.find(base, path).node ?? fault('noent');
  }

  open(base: DirectoryNode, path: string, how: OpenHow): FsNode {
    const place = this.find(base, path);
    const node = place.node ?? this.create(place, how);
    if (place.node !== null && how.create && how.exclusive) fault('exist');
    if (node.kind === 'directory') {
      if (how.write || how.truncate || (how.create && !how.directory)) fault('isdir');
      return node;
    }
    if (how.directory) fault('notdir');
    if ((how.write || how.truncate) && !node.writable) fault('rofs');
    if (how.truncate) this.resize(node, 0);
    return node;
  }

  private create(place: Place, how: OpenHow): FileNode {
    if (!how.create) fault('noent');
    if (how.directory) fault('inval');
    if (place.as_directory) fault('isdir');
    const file = this.make.file(new Uint8Array(0), true, this.meter.now());
    this.enter(place, file);
    return file;
  }

  makeDirectory(base: DirectoryNode, path: string): void {
    const place = this.find(base, path);
    if (place.node !== null) fault('exist');
    this.enter(place, this.make.directory(place.directory, true, this.meter.now()));
  }

  /** A new name, within the quota. */
  private enter({ directory, name }: Place, node: FsNode): void {
    const chosen = nameIn(directory, name);
    this.meter.charge(FILE_FUEL.node);
    this.quota.takeName();
    this.make.enter(directory, chosen, node);
    this.touch(directory);
  }

  unlink(base: DirectoryNode, path: string): void {
    const { directory, name, node } = this.find(base, path);
    if (node === null) return fault('noent');
    const chosen = nameIn(directory, name);
    if (node.kind === 'directory') return fault('isdir');
    this.drop(directory, chosen, node);
  }

  removeDirectory(base: DirectoryNode, path: string): void {
    const { directory, name, node } = this.find(base, path);
    if (node === null) return fault('noent');
    const chosen = nameIn(directory, name);
    if (node.kind === 'file') return fault('notdir');
    if (node.entries.size > 0) fault('notempty');
    this.drop(directory, chosen, node);
  }

  /** Takes a name away, and the node with it if nothing else holds it. */
  private drop(directory: DirectoryNode, name: string, node: FsNode): void {
    directory.entries.delete(name);
    this.quota.giveName();
    this.touch(directory);
    if (node.kind === 'directory') node.removed = true;
    else {
      node.links -= 1;
      node.times.changed_ns = this.meter.now();
      this.letGo(node);
    }
  }

  /** A second name for a file. */
  link(from: DirectoryNode, old_path: string, to: DirectoryNode, new_path: string): void {
    const node = this.existing(from, old_path);
    const place = this.find(to, new_path);
    if (node.kind === 'directory') return fault('notsup');
    if (place.node !== null) fault('exist');
    if (place.as_directory) fault('noent');
    nameIn(place.directory, place.name);
    if (!node.writable) fault('xdev');
    this.enter(place, node);
    node.times.changed_ns = this.meter.now();
  }

  rename(from: DirectoryNode, old_path: string, to: DirectoryNode, new_path: string): void {
    const source = this.find(from, old_path);
    const target = this.find(to, new_path);
    const moved = source.node ?? fault('noent');
    const old_name = nameIn(source.directory, source.name);
    const new_name = nameIn(target.directory, target.name);
    if (target.node === moved) return;
    if (moved.kind === 'directory') this.refuseWithin(moved, target.directory);
    if (moved.kind === 'file' && target.as_directory) fault('notdir');
    if (target.node !== null) this.replace(target.directory, new_name, target.node, moved);
    source.directory.entries.delete(old_name);
    this.make.enter(target.directory, new_name, moved);
    if (moved.kind === 'file') moved.links -= 1;
    moved.times.changed_ns = this.meter.now();
    this.touch(source.directory);
    this.touch(target.directory);
  }

  /** A directory cannot move into itself. */
  private refuseWithin(moved: DirectoryNode, target: DirectoryNode): void {
    for (let up: DirectoryNode | null = target; up; up = up.parent) {
      this.meter.charge(FILE_FUEL.skipped);
      if (up === moved) fault('inval');
    }
  }

  private replace(directory: DirectoryNode, name: string, old: FsNode, by: FsNode): void {
    if (old.kind === 'directory' && by.kind === 'file') fault('isdir');
    if (old.kind === 'file' && by.kind === 'directory') fault('notdir');
    if (old.kind === 'directory' && old.entries.size > 0) fault('notempty');
    this.drop(directory, name, old);
  }

  read(file: FileNode, at: number, length: number): Uint8Array {
    return bytesAt(file, at, length);
  }

  write(file: FileNode, at: number, bytes: Uint8Array): void {
    writeAt(file, at, bytes, this.quota, (fuel) => this.meter.charge(fuel));
    this.touch(file);
  }

  resize(file: FileNode, size: number): void {
    resize(file, size, this.quota, (fuel) => this.meter.charge(fuel));
    this.touch(file);
  }

  /** A descriptor holds the file no longer. */
  closed(file: FileNode): void {
    file.opens -= 1;
    this.letGo(file);
  }

  private letGo(file: FileNode): void {
    if (!file.writable || file.links > 0 || file.opens > 0) return;
    this.quota.giveBytes(file.size);
    file.bytes = new Uint8Array(0);
    file.size = 0;
  }

  /** Null leaves a time as it is. */
  setTimes(node: FsNode, accessed_ns: bigint | null, modified_ns: bigint | null): void {
    if (!node.writable) fault('rofs');
    node.times.accessed_ns = accessed_ns ?? node.times.accessed_ns;
    node.times.modified_ns = modified_ns ?? node.times.modified_ns;
    node.times.changed_ns = this.meter.now();
  }

  /** Names in the order they were made, from behind `cookie` on, until `visit` answers false. */
  list(directory: DirectoryNode, cookie: number, visit: (name: string, node: FsNode, seq: number) => boolean): void {
    const fixed = [
      ['.', directory, 1],
      ['..', directory.parent ?? directory, 2],
    ] as const;
    const listed = (name: string, node: FsNode, seq: number): boolean => {
      this.meter.charge(seq > cookie ? FILE_FUEL.entry : FILE_FUEL.skipped);
      return seq <= cookie || visit(name, node, seq);
    };
    this.meter.charge(FILE_FUEL.list);
    for (const [name, node, seq] of fixed) if (!listed(name, node, seq)) return;
    for (const [name, { node, seq }] of directory.entries) if (!listed(name, node, seq)) return;
  }

  private touch(node: FsNode): void {
    const now = this.meter.now();
    node.times.modified_ns = now;
    node.times.changed_ns = now;
  }
}

/** The name by which an entry may be made, changed or removed. */
function nameIn(directory: DirectoryNode, name: string | null): string {
  if (name === null) return fault('busy');
  if (directory.removed) fault('noent');
  if (!directory.writable) fault('rofs');
  return name;
}
