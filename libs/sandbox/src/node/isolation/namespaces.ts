import { existsSync } from 'node:fs';

const UNSHARE = '/usr/bin/unshare';
const SETPRIV = '/usr/bin/setpriv';

export const canUnshare = (): boolean => process.platform === 'linux' && existsSync(UNSHARE);

/** A network and IPC namespace of its own, in which there is nothing (util-linux). */
export const unshared = (): string[] => [UNSHARE, '--user', '--map-current-user', '--net', '--ipc', '--'];

/** The kernel ends the process when this one dies, however busy it is. Without it, an idle process ends by itself, a busy one with its fuel. */
export const diesWithParent = (): string[] =>
  process.platform === 'linux' && existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', '--no-new-privs', '--'] : [];
