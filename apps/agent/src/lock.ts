import fs from 'node:fs';
import path from 'node:path';
import { HeapError } from '#units';
import { readIfThere } from './private-file.js';

const FILE = 'agent.lock';

/** Process and, where the system tells, its start: a number alone may belong to another process by now. */
function nameOf(pid: number): string | null {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return null;
  }
  return `${pid} ${startOf(pid)}`;
}

function startOf(pid: number): string {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The 22nd field; the second is a name in brackets that may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-';
  } catch {
    return '-';
  }
}

const isAlive = (holder: string): boolean => {
  const pid = Number(holder.split(' ')[0]);
  return Number.isSafeInteger(pid) && pid > 0 && nameOf(pid) === holder;
};

/**
 * Takes the data directory for this process; a lock left by a crash is taken over.
 * @returns gives it back.
 * @throws HeapError `agent_running` when another agent uses it.
 */
export function lockFolder(dir: string): () => void {
  const file = path.join(dir, FILE);
  const own = nameOf(process.pid) ?? String(process.pid);
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, own, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      if (link(draft, file)) {
        return () => {
          if (readIfThere(file) === own) fs.rmSync(file, { force: true });
        };
      }
      const holder = readIfThere(file);
      if (holder === null) continue;
      if (isAlive(holder)) throw running(dir, holder);
      moveAway(file, holder);
    }
    throw running(dir, readIfThere(file) ?? 'unknown');
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

const running = (dir: string, holder: string) =>
  new HeapError(
    'agent_running',
    `An agent (process ${holder.split(' ')[0]}) already uses ${dir}. Stop it first, or give this one a directory of its own with HEAP_AGENT_DIR.`,
    'owner',
  );

const NO_LINKS = new Set(['EPERM', 'EACCES', 'ENOTSUP', 'ENOSYS', 'EMLINK']);

/** The lock appears with its content or not at all; false when there is one. */
function link(draft: string, file: string): boolean {
  try {
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code === undefined || !NO_LINKS.has(code)) throw error;
    // Android and some file systems have no hard links: there a lock may be seen empty for an instant.
    return copy(draft, file);
  }
}

function copy(draft: string, file: string): boolean {
  try {
    fs.copyFileSync(draft, file, fs.constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Two agents may find the same dead lock: a live one that was moved by mistake is put back. */
function moveAway(file: string, expected: string): void {
  const aside = `${file}.stale.${process.pid}`;
  try {
    fs.renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readIfThere(aside) !== expected) link(aside, file);
  fs.rmSync(aside, { force: true });
}
