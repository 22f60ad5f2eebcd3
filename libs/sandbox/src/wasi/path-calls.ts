import type { Call, World } from './calls.js';
import { fault } from './errno.js';
import { PATH_BYTES_MAX } from './files/path.js';
import { putFilestat } from './layout.js';
import { DIRECTORY_RIGHTS, FILE_RIGHTS, RIGHT, type Right } from './rights.js';
import { timesOf } from './times.js';

const OPEN = { create: 1, directory: 2, exclusive: 4, truncate: 8 } as const;
const FLAGS = 31;
/** What nobody may do with a file that can only be read. */
const WRITING = RIGHT.fd_write | RIGHT.fd_allocate | RIGHT.fd_filestat_set_size;

/** Functions on paths. There are no symbolic links: to make one is not supported, and nothing is one. */
export function pathCalls({ guest, descriptors }: World): Record<string, Call> {
  const at = (fd: number, right: Right, pointer: number, length: number) => {
    const { descriptor, files } = descriptors.directory(fd, right);
    return { files, descriptor, base: descriptor.node, path: guest.text(pointer, length, PATH_BYTES_MAX) };
  };

  return {
    path_open(
      fd: number,
      _follow: number,
      pointer: number,
      length: number,
      how: number,
      rights: bigint,
      inheriting: bigint,
      flags: number,
      opened: number,
    ) {
      const { files, descriptor, base, path } = at(fd, 'path_open', pointer, length);
      const asked = BigInt.asUintN(64, rights);
      if (how & ~15 || flags & ~FLAGS) fault('inval');
      const need = (right: Right) => void ((descriptor.rights & RIGHT[right]) === 0n && fault('notcapable'));
      if (how & OPEN.create) need('path_create_file');
      if (how & OPEN.truncate) need('path_filestat_set_size');
      guest.check(opened, 4);
      descriptors.refuseWhenFull();
      const node = files.open(base, path, {
        create: (how & OPEN.create) !== 0,
        exclusive: (how & OPEN.exclusive) !== 0,
        truncate: (how & OPEN.truncate) !== 0,
        directory: (how & OPEN.directory) !== 0,
        // A folder is never written to, whatever is asked for by habit.
        write: (how & OPEN.directory) === 0 && (asked & descriptor.inheriting & RIGHT.fd_write) !== 0n,
      });
      const given = asked & descriptor.inheriting;
      const held =
        node.kind === 'file'
          ? ({ kind: 'file', node, at: 0, rights: given & FILE_RIGHTS & (node.writable ? -1n : ~WRITING), inheriting: 0n, flags } as const)
          : ({
              kind: 'directory',
              node,
              preopened: null,
              rights: given & DIRECTORY_RIGHTS,
              inheriting: BigInt.asUintN(64, inheriting) & descriptor.inheriting,
              flags: 0,
            } as const);
      guest.put32(opened, descriptors.open(held));
    },
    path_create_directory(fd: number, pointer: number, length: number) {
      const { files, base, path } = at(fd, 'path_create_directory', pointer, length);
      files.makeDirectory(base, path);
    },
    path_remove_directory(fd: number, pointer: number, length: number) {
      const { files, base, path } = at(fd, 'path_remove_directory', pointer, length);
      files.removeDirectory(base, path);
    },
    path_unlink_file(fd: number, pointer: number, length: number) {
      const { files, base, path } = at(fd, 'path_unlink_file', pointer, length);
      files.unlink(base, path);
    },
    path_rename(fd: number, pointer: number, length: number, new_fd: number, new_pointer: number, new_length: number) {
      const from = at(fd, 'path_rename_source', pointer, length);
      const to = at(new_fd, 'path_rename_target', new_pointer, new_length);
      from.files.rename(from.base, from.path, to.base, to.path);
    },
    path_link(fd: number, _follow: number, pointer: number, length: number, new_fd: number, new_pointer: number, new_length: number) {
      const from = at(fd, 'path_link_source', pointer, length);
      const to = at(new_fd, 'path_link_target', new_pointer, new_length);
      from.files.link(from.base, from.path, to.base, to.path);
    },
    path_symlink(_old: number, _length: number, fd: number) {
      descriptors.directory(fd, 'path_symlink');
      fault('notsup');
    },
    path_readlink(fd: number, pointer: number, length: number) {
      const { files, base, path } = at(fd, 'path_readlink', pointer, length);
      files.existing(base, path);
      fault('inval');
    },
    path_filestat_get(fd: number, _follow: number, pointer: number, length: number, stat: number) {
      const { files, base, path } = at(fd, 'path_filestat_get', pointer, length);
      putFilestat(guest, stat, files.existing(base, path));
    },
    path_filestat_set_times(
      fd: number,
      _follow: number,
      pointer: number,
      length: number,
      accessed_ns: bigint,
      modified_ns: bigint,
      which: number,
    ) {
      const { files, base, path } = at(fd, 'path_filestat_set_times', pointer, length);
      files.setTimes(files.existing(base, path), ...timesOf(accessed_ns, modified_ns, which, guest.now()));
    },
  };
}
