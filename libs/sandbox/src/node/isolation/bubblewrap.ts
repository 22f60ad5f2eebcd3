import { existsSync } from 'node:fs';

const PLACES = ['/usr/bin/bwrap', '/bin/bwrap', '/usr/local/bin/bwrap', '/run/current-system/sw/bin/bwrap'];

/** Tells the process's id outside its namespace, as JSON, on this descriptor. */
export const INFO_FD = 3;

export const bubblewrapPath = (): string | null => PLACES.find((path) => existsSync(path)) ?? null;

interface Report {
  sharedObjects?: string[];
}

/** What the dynamic loader opened to start this Node.js, but for addons: without these files it would not start in an empty world. */
function loadedLibraries(): string[] {
  const { sharedObjects = [] } = process.report.getReport() as Report;
  return sharedObjects.filter((path) => path.startsWith('/') && !path.endsWith('.node') && path !== process.execPath && existsSync(path));
}

/**
 * A world that holds Node.js, the libraries it is linked to and `readable`, all read-only: no other file, no network, no process but its own, no
 * capability, no terminal; it dies with this process. There is no /proc, /dev or /tmp.
 */
export function bubblewrap(path: string, readable: readonly string[]): string[] {
  const own = ['--unshare-all', '--unshare-user', '--die-with-parent', '--new-session', '--as-pid-1', '--cap-drop', 'ALL'];
  const nobody = ['--uid', '65534', '--gid', '65534', '--hostname', 'heap', '--clearenv'];
  const files = [process.execPath, ...loadedLibraries(), ...readable].flatMap((file) => ['--ro-bind', file, file]);
  return [path, ...own, ...nobody, ...files, '--remount-ro', '/', '--chdir', '/', '--info-fd', String(INFO_FD), '--'];
}
