/** Rights of preview 1 that a call may need; the numbers are their bits. Source: WebAssembly/WASI, legacy/preview1/docs.md. */
const bit = (n: number): bigint => 1n << BigInt(n);

export const RIGHT = {
  fd_datasync: bit(0),
  fd_read: bit(1),
  fd_seek: bit(2),
  fd_fdstat_set_flags: bit(3),
  fd_sync: bit(4),
  fd_tell: bit(5),
  fd_write: bit(6),
  fd_advise: bit(7),
  fd_allocate: bit(8),
  path_create_directory: bit(9),
  path_create_file: bit(10),
  path_link_source: bit(11),
  path_link_target: bit(12),
  path_open: bit(13),
  fd_readdir: bit(14),
  path_readlink: bit(15),
  path_rename_source: bit(16),
  path_rename_target: bit(17),
  path_filestat_get: bit(18),
  path_filestat_set_size: bit(19),
  path_filestat_set_times: bit(20),
  fd_filestat_get: bit(21),
  fd_filestat_set_size: bit(22),
  fd_filestat_set_times: bit(23),
  path_symlink: bit(24),
  path_remove_directory: bit(25),
  path_unlink_file: bit(26),
  poll_fd_readwrite: bit(27),
} as const;

export type Right = keyof typeof RIGHT;

const all = (names: readonly Right[]): bigint => names.reduce((sum, name) => sum | RIGHT[name], 0n);

/** What can be done with an open file. */
export const FILE_RIGHTS = all([
  'fd_datasync',
  'fd_read',
  'fd_seek',
  'fd_fdstat_set_flags',
  'fd_sync',
  'fd_tell',
  'fd_write',
  'fd_advise',
  'fd_allocate',
  'fd_filestat_get',
  'fd_filestat_set_size',
  'fd_filestat_set_times',
  'poll_fd_readwrite',
]);

/** What can be done with an open directory. */
export const DIRECTORY_RIGHTS = all([
  'fd_datasync',
  'fd_fdstat_set_flags',
  'fd_sync',
  'fd_advise',
  'fd_filestat_get',
  'fd_filestat_set_times',
  'fd_readdir',
  ...(Object.keys(RIGHT) as Right[]).filter((name) => name.startsWith('path_')),
]);

export const ALL_RIGHTS = FILE_RIGHTS | DIRECTORY_RIGHTS;
