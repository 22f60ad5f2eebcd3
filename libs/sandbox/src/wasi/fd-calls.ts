import type { Call, World } from './calls.js';
import { allowed, type FileDescriptor } from './descriptors.js';
import { Fault, fault } from './errno.js';
import type { FileSystem } from './files/file-system.js';
import { DIRENT_BYTES, direntOf, putFdstat, putFilestat } from './layout.js';
import { timesOf } from './times.js';

const encoder = new TextEncoder();

const WHENCE = { start: 0, here: 1, end: 2 } as const;
const FLAG_APPEND = 1;
const FLAGS = 31;

/** An offset or length as a number; what does not fit is beyond every file. */
const place = (value: bigint): number => Number(BigInt.asUintN(64, value));

/** Functions on what is open. */
export function fdCalls({ guest, streams, descriptors }: World, files: () => FileSystem | null): Record<string, Call> {
  const fs = (): FileSystem => files() ?? fault('badf');

  /** Reads into buffers from a place on; answers how many bytes. */
  const readAt = (held: FileDescriptor, from: number, iovecs: number, count: number): number => {
    let total = 0;
    guest.eachBuffer(iovecs, count, (buffer) => {
      const chunk = fs().read(held.node, from + total, buffer.length);
      buffer.set(chunk);
      total += chunk.length;
      return chunk.length === buffer.length;
    });
    return total;
  };

  /** Writes buffers; when the room ends in the middle, what was written counts. */
  const writeAt = (held: FileDescriptor, from: number, iovecs: number, count: number): number => {
    let total = 0;
    try {
      guest.eachBuffer(iovecs, count, (buffer) => {
        if (from + total + buffer.length > Number.MAX_SAFE_INTEGER) fault('fbig');
        fs().write(held.node, from + total, buffer);
        total += buffer.length;
        return true;
      });
    } catch (error) {
      if (!(error instanceof Fault) || total === 0) throw error;
    }
    return total;
  };

  const preopened = (fd: number): Uint8Array => {
    const held = descriptors.get(fd);
    if (held.kind !== 'directory' || held.preopened === null) return fault('badf');
    return encoder.encode(held.preopened);
  };

  return {
    fd_read(fd: number, iovecs: number, count: number, read: number) {
      const held = descriptors.get(fd);
      let total = 0;
      if (held.kind === 'stream') {
        if (held.stream !== 'input') fault('badf');
        guest.eachBuffer(iovecs, count, (buffer) => {
          const got = streams.read(buffer);
          total += got;
          return got === buffer.length;
        });
      } else {
        const file = descriptors.file(fd, 'fd_read');
        total = readAt(file, file.at, iovecs, count);
        file.at += total;
      }
      guest.put32(read, total);
    },
    fd_pread(fd: number, iovecs: number, count: number, offset: bigint, read: number) {
      guest.put32(read, readAt(descriptors.file(fd, 'fd_read'), place(offset), iovecs, count));
    },
    fd_write(fd: number, iovecs: number, count: number, written: number) {
      const held = descriptors.get(fd);
      let total = 0;
      if (held.kind === 'stream') {
        if (held.stream === 'input') fault('badf');
        const sink = held.stream === 'output' ? streams.output : streams.logs;
        guest.eachBuffer(iovecs, count, (buffer) => {
          sink.write(buffer);
          total += buffer.length;
          return true;
        });
      } else {
        const file = descriptors.file(fd, 'fd_write');
        if (file.flags & FLAG_APPEND) file.at = file.node.size;
        total = writeAt(file, file.at, iovecs, count);
        file.at += total;
      }
      guest.put32(written, total);
    },
    fd_pwrite(fd: number, iovecs: number, count: number, offset: bigint, written: number) {
      guest.put32(written, writeAt(descriptors.file(fd, 'fd_write'), place(offset), iovecs, count));
    },
    fd_seek(fd: number, offset: bigint, whence: number, position: number) {
      const file = descriptors.file(fd, 'fd_seek');
      const from = whence === WHENCE.start ? 0 : whence === WHENCE.here ? file.at : whence === WHENCE.end ? file.node.size : fault('inval');
      const to = BigInt(from) + offset;
      if (to < 0n || to > BigInt(Number.MAX_SAFE_INTEGER)) fault('inval');
      guest.put64(position, to);
      file.at = Number(to);
    },
    fd_tell(fd: number, position: number) {
      guest.put64(position, BigInt(descriptors.file(fd, 'fd_tell').at));
    },
    fd_close(fd: number) {
      descriptors.close(fd);
    },
    fd_renumber(from: number, to: number) {
      descriptors.renumber(from >>> 0, to >>> 0);
    },
    fd_sync(fd: number) {
      descriptors.get(fd);
    },
    fd_datasync(fd: number) {
      descriptors.get(fd);
    },
    fd_advise(fd: number, _offset: bigint, _length: bigint, advice: number) {
      descriptors.file(fd, 'fd_advise');
      if (advice >>> 0 > 5) fault('inval');
    },
    fd_allocate(fd: number, offset: bigint, length: bigint) {
      const { node } = descriptors.file(fd, 'fd_allocate');
      const end = place(offset) + place(length);
      if (length === 0n) fault('inval');
      if (end > node.size) fs().resize(node, end);
    },
    fd_filestat_set_size(fd: number, size: bigint) {
      fs().resize(descriptors.file(fd, 'fd_filestat_set_size').node, place(size));
    },
    fd_filestat_get(fd: number, pointer: number) {
      const held = descriptors.get(fd);
      if (held.kind !== 'stream') allowed(held, 'fd_filestat_get');
      putFilestat(guest, pointer, held.kind === 'stream' ? null : held.node);
    },
    fd_filestat_set_times(fd: number, accessed_ns: bigint, modified_ns: bigint, which: number) {
      const held = descriptors.get(fd);
      if (held.kind === 'stream') return fault('badf');
      const { node } = allowed(held, 'fd_filestat_set_times');
      fs().setTimes(node, ...timesOf(accessed_ns, modified_ns, which, guest.now()));
    },
    fd_fdstat_get(fd: number, pointer: number) {
      putFdstat(guest, pointer, descriptors.get(fd));
    },
    fd_fdstat_set_flags(fd: number, flags: number) {
      const held = descriptors.get(fd);
      if (flags & ~FLAGS) fault('inval');
      if (held.kind === 'file') allowed(held, 'fd_fdstat_set_flags').flags = flags;
    },
    fd_fdstat_set_rights(fd: number, rights: bigint, inheriting: bigint) {
      const held = descriptors.get(fd);
      const [base, more] = [BigInt.asUintN(64, rights), BigInt.asUintN(64, inheriting)];
      if ((base & ~held.rights) !== 0n || (more & ~held.inheriting) !== 0n) fault('notcapable');
      held.rights = base;
      held.inheriting = more;
    },
    fd_prestat_get(fd: number, pointer: number) {
      const name = preopened(fd);
      guest.check(pointer, 8);
      guest.put32(pointer, 0);
      guest.put32(pointer + 4, name.length);
    },
    fd_prestat_dir_name(fd: number, pointer: number, length: number) {
      const name = preopened(fd);
      if (length >>> 0 < name.length) fault('nametoolong');
      guest.slice(pointer, name.length).set(name);
    },
    fd_readdir(fd: number, pointer: number, length: number, cookie: bigint, used: number) {
      const { descriptor, files: tree } = descriptors.directory(fd, 'fd_readdir');
      const buffer = guest.slice(pointer, length);
      let at = 0;
      tree.list(descriptor.node, place(cookie), (name, node, seq) => {
        const entry = direntOf(encoder.encode(name), node, seq);
        const part = entry.subarray(0, buffer.length - at);
        buffer.set(part, at);
        at += part.length;
        return part.length === entry.length && buffer.length - at >= DIRENT_BYTES;
      });
      guest.put32(used, at);
    },
  };
}
