import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';

const SHELL = '/bin/sh';
const PRLIMIT = '/usr/bin/prlimit';

/** Descriptors: Node.js takes some twenty for itself. */
export const FILES_MAX = 64;
/** Processor time of all threads together. A slot replaces its process long before; what ends here has escaped it. */
export const CPU_S_MAX = 3 * 3600;

/**
 * The limits must be in force, and the control group entered, before the program is: a shell sets them on itself and becomes the program. A limit that the
 * system does not know is passed over; whether they hold is asked from inside. Signals of the terminal and of a service manager are the agent's to
 * answer. Arguments: control group's file or nothing, data in KiB, niceness, the command.
 */
const SCRIPT = `
[ -z "$1" ] || echo $$ > "$1" || exit 125
ulimit -c 0; ulimit -n ${FILES_MAX}; ulimit -f 0; ulimit -t ${CPU_S_MAX}; ulimit -d "$2"
n=$3; shift 3
trap '' INT TERM HUP
unset PWD OLDPWD SHLVL
[ -x /usr/bin/nice ] && exec /usr/bin/nice -n "$n" "$@"
exec "$@"`;

export interface Limits {
  /** Lowered scheduling priority, 0 to 19. */
  niceness: number;
  /** Private memory the process may ever hold. Not the address space: WebAssembly reserves gigabytes of that and uses none of it. */
  data_bytes_max: number;
}

export const canLimit = (): boolean => process.platform !== 'win32' && existsSync(SHELL);

export function limited(limits: Limits, group_procs: string | null): string[] {
  return [SHELL, '-c', SCRIPT, 'heap-sandbox', group_procs ?? '', String(Math.ceil(limits.data_bytes_max / 1024)), String(limits.niceness)];
}

/**
 * No further process or thread: Node.js has started its threads by the time it answers. The limit counts all processes of a user, so that it cannot be set before;
 * and it does not bind root, who should not run an agent. Resolves in any case.
 */
export function seal(pid: number): Promise<void> {
  return new Promise((resolve) => {
    if (process.platform !== 'linux' || !existsSync(PRLIMIT)) resolve();
    else execFile(PRLIMIT, [`--pid=${pid}`, '--nproc=0:0'], { timeout: 2000 }, () => resolve());
  });
}
