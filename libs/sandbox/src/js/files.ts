import type { RunLimits, RunTask } from '../port.js';
import { type ErrnoName, Fault, fault } from '../wasi/errno.js';
import { type FileMeter, FileSystem } from '../wasi/files/file-system.js';
import { moved } from '../wasi/files/fuel.js';
import type { DirectoryNode, FileNode } from '../wasi/files/node.js';

const CREATE = { create: true, exclusive: false, truncate: true, directory: false, write: true } as const;

/** As POSIX spells them: a developer knows these. */
const codeOf = (code: ErrnoName): string => `E${code.toUpperCase()}`;

/** The same files that WASI shows to WebAssembly, for `ctx.files`: paths start at the root, with a slash or without. */
export class TaskFiles {
  private files: FileSystem;

  constructor(private readonly meter: FileMeter) {
    this.files = new FileSystem([], { files: 0, file_bytes: 0 }, meter);
  }

  /** Throws `BadView`. */
  begin({ files = [] }: Pick<RunTask, 'files'>, limits: Pick<RunLimits, 'files' | 'file_bytes'>): void {
    this.files = new FileSystem(files, { files: limits.files ?? 0, file_bytes: limits.file_bytes ?? 0 }, this.meter);
  }

  /** `+` and the answer, or `-` and the error's code. */
  call(what: string, path: string, bytes: Uint8Array): string {
    try {
      const relative = path.replace(/^\/+/, '') || '.';
      return `+${this.does(what, relative, bytes)}`;
    } catch (error) {
      if (error instanceof Fault) return `-${codeOf(error.code)}`;
      throw error;
    }
  }

  private does(what: string, path: string, bytes: Uint8Array): string {
    switch (what) {
      case 'size':
        return String(this.file(path).size);
      case 'read':
        return this.read(this.file(path), bytes);
      case 'list':
        return this.list(path);
      case 'write':
        return this.write(path, bytes);
      case 'remove':
        return this.remove(path);
      default:
        return fault('nosys');
    }
  }

  private file(path: string): FileNode {
    const node = this.files.existing(this.files.root, path);
    return node.kind === 'file' ? node : fault('isdir');
  }

  private read(file: FileNode, into: Uint8Array): string {
    this.meter.charge(moved(into.length));
    into.set(this.files.read(file, 0, into.length));
    return '';
  }

  private list(path: string): string {
    const directory = this.files.existing(this.files.root, path);
    if (directory.kind === 'file') return fault('notdir');
    const found: { name: string; type: string; bytes: number }[] = [];
    this.files.list(directory, 2, (name, node) => {
      found.push({ name, type: node.kind, bytes: node.kind === 'file' ? node.size : 0 });
      return true;
    });
    return JSON.stringify(found);
  }

  /** Replaces the file, or makes it with the directories on its way. */
  private write(path: string, bytes: Uint8Array): string {
    const parts = path.split('/').filter((part) => part !== '');
    let directory: DirectoryNode = this.files.root;
    for (const part of parts.slice(0, -1)) directory = this.directoryIn(directory, part);
    const file = this.files.open(this.files.root, path, CREATE);
    if (file.kind === 'directory') return fault('isdir');
    this.meter.charge(moved(bytes.length));
    this.files.write(file, 0, bytes);
    return '';
  }

  private directoryIn(parent: DirectoryNode, name: string): DirectoryNode {
    if (this.files.find(parent, name).node === null) this.files.makeDirectory(parent, name);
    const node = this.files.existing(parent, name);
    return node.kind === 'directory' ? node : fault('notdir');
  }

  private remove(path: string): string {
    const { root } = this.files;
    const node = this.files.existing(root, path);
    if (node.kind === 'directory') this.files.removeDirectory(root, path);
    else this.files.unlink(root, path);
    return '';
  }
}
