import {
  type Capability,
  checkName,
  type DirectoryEntries,
  type DirectoryEntry,
  type DirectoryRead,
  type DirectoryWrite,
  formatCapability,
  newDirectory,
  type OpenedDirectory,
  openDirectory,
  parseCapability,
  type SeenVersion,
  sealDirectory,
  toRead,
  toVerify,
} from '#erasure';
import { ROUTES } from '#protocol';
import { HeapError } from '#units';
import { sleep } from './abort.js';
import { fromBase64, toBase64 } from './bytes.js';
import type { HttpClient } from './http.js';

/** What lies in a directory. */
export interface ListedEntry {
  name: string;
  kind: 'file' | 'directory';
  access: 'read' | 'write' | 'verify';
  /** As strong as the directory's own capability allows: only who may write a directory gets what is in it to write. */
  capability: string;
  /** Of a file; null for a directory. */
  bytes: number | null;
  /** By the clock of who linked it. */
  modified: Date;
}

export interface Listing {
  directory_id: string;
  /** Counted from 1; each change makes the next. */
  version: number;
  entries: ListedEntry[];
}

type Entries = Map<string, DirectoryEntry>;
type Directory = DirectoryRead | DirectoryWrite;

const TRIES = 12;
const PAUSE_MS = 50;

/** A capability, and the names of a way through directories behind it: `heap-r1:…/letters/first.txt`. */
function addressOf(address: string): { capability: Capability; names: string[] } {
  const [text = '', ...names] = address.trim().split('/');
  const way = names.filter((name) => name !== '').map((name) => name.normalize('NFC'));
  for (const name of way) checkName(name);
  return { capability: parseCapability(text), names: way };
}

/**
 * The same capability, weaker: what can be read of a directory that one may write, or only checked of what one may read.
 * @throws HeapError `capability.too_weak` when it allows less than that, and what is wrong with its text
 */
export async function weaken(capability: string, to: 'read' | 'verify'): Promise<string> {
  const parsed = parseCapability(capability);
  if (to === 'verify') return formatCapability(await toVerify(parsed));
  if (parsed.level === 'verify')
    throw new HeapError('capability.too_weak', 'This capability only checks; nothing to read follows from it.', 'user');
  return formatCapability(await toRead(parsed));
}

/** What a capability is for; says nothing that is secret. */
export async function describeCapability(
  capability: string,
): Promise<{ kind: 'file' | 'directory'; access: ListedEntry['access']; id: string }> {
  const parsed = parseCapability(capability);
  const verify = await toVerify(parsed);
  return { kind: parsed.target, access: parsed.level, id: verify.target === 'file' ? verify.file_id : verify.directory_id };
}

/** Directories, which the heap keeps sealed and cannot read. */
export class Directories {
  /** A heap that gives out an older version than it did is found out. */
  readonly #seen = new Map<string, SeenVersion>();

  constructor(private readonly http: HttpClient) {}

  /** What an address names. @throws HeapError `no_such_name`, `not_a_directory`, and what is wrong with the text */
  async resolve(address: string): Promise<Capability> {
    const { capability, names } = addressOf(address);
    return this.#walk(capability, names);
  }

  async list(address: string): Promise<Listing> {
    const directory = readable(await this.resolve(address));
    const { version, entries } = await this.#open(directory);
    const listed = [...entries].map(
      ([name, { capability, bytes, modified_ms }]): ListedEntry => ({
        name,
        kind: capability.target,
        access: capability.level,
        capability: formatCapability(capability),
        bytes,
        modified: new Date(modified_ms),
      }),
    );
    return { directory_id: (await toVerify(directory)).directory_id, version, entries: listed };
  }

  /** A new and empty directory of a volume, which is linked nowhere. */
  async create(volume_id: string): Promise<DirectoryWrite> {
    const directory = await newDirectory(volume_id);
    await this.#write(directory, new Map(), 1);
    return directory;
  }

  /** Links what a capability allows under a name. @throws HeapError `name_taken` unless it may replace what is there */
  async link(address: string, target: Capability, { bytes = null, replace = false }: { bytes?: number | null; replace?: boolean } = {}) {
    const { directory, name } = await this.place(address);
    await this.#change(directory, (entries) => {
      if (!replace && entries.has(name))
        throw new HeapError('name_taken', `There is a ${JSON.stringify(name)} in this directory already.`, 'user', { name });
      entries.set(name, { capability: target, bytes, modified_ms: Date.now() });
    });
  }

  /** Takes a name out of its directory; what it named stays. */
  async unlink(address: string): Promise<Capability> {
    const { directory, name } = await this.place(address);
    let gone: Capability | undefined;
    await this.#change(directory, (entries) => {
      const entry = entries.get(name);
      if (!entry) throw noSuchName(name);
      gone = entry.capability;
      entries.delete(name);
    });
    return gone as Capability;
  }

  /** The directory that an address ends in, and the name there. @throws HeapError `no_name`, `not_writable` */
  async place(address: string): Promise<{ directory: DirectoryWrite; name: string }> {
    const { capability, names } = addressOf(address);
    const name = names.pop();
    if (name === undefined)
      throw new HeapError('no_name', 'Say the name, too: a write capability of a directory, a slash and the name.', 'user');
    return { directory: writable(await this.#walk(capability, names)), name };
  }

  /** A directory that may be written, and nothing else. @throws HeapError `not_writable` */
  async writable(address: string): Promise<DirectoryWrite> {
    return writable(await this.resolve(address));
  }

  async #walk(from: Capability, names: readonly string[]): Promise<Capability> {
    let at = from;
    for (const name of names) {
      const entry = (await this.#open(readable(at))).entries.get(name);
      if (!entry) throw noSuchName(name);
      at = entry.capability;
    }
    return at;
  }

  async #open(directory: Directory): Promise<OpenedDirectory> {
    const { directory_id } = await toVerify(directory);
    const { sealed } = await this.http.call(ROUTES.getDirectory, { params: { directory_id } });
    const opened = await openDirectory(directory, fromBase64(sealed), this.#seen.get(directory_id) ?? null);
    this.#seen.set(directory_id, { version: opened.version, digest: opened.digest });
    return opened;
  }

  /** Changes what is there now; who was faster is not overwritten but changed in turn. */
  async #change(directory: DirectoryWrite, edit: (entries: Entries) => void): Promise<void> {
    for (let tries = 1; ; tries++) {
      const { version, entries } = await this.#open(directory);
      const changed = new Map(entries);
      edit(changed);
      if (await this.#write(directory, changed, version + 1)) return;
      if (tries === TRIES)
        throw new HeapError('directory_busy', `The directory was changed by others ${TRIES} times in a row: try again.`, 'user');
      await sleep(Math.random() * PAUSE_MS * tries);
    }
  }

  /** False when there is another version of that number. */
  async #write(directory: DirectoryWrite, entries: DirectoryEntries, version: number): Promise<boolean> {
    const { directory_id } = await toVerify(directory);
    const sealed = toBase64(await sealDirectory(directory, entries, version));
    const params = { volume_id: directory.volume_id, directory_id };
    try {
      await this.http.call(ROUTES.putDirectory, { params, body: { version, sealed }, patient: true });
      return true;
    } catch (error) {
      if (!(error instanceof HeapError) || error.details.status !== 409) throw error;
      // The answer to an earlier attempt may have been lost, and ours be what is in the way.
      const present = await this.http.call(ROUTES.getDirectory, { params: { directory_id } });
      return present.sealed === sealed;
    }
  }
}

const noSuchName = (name: string) =>
  new HeapError('no_such_name', `There is no ${JSON.stringify(name)} in this directory.`, 'user', { name });

function readable(capability: Capability): Directory {
  if (capability.target !== 'directory')
    throw new HeapError('not_a_directory', 'This capability is of a file, not of a directory.', 'user');
  if (capability.level === 'verify')
    throw new HeapError('capability.too_weak', 'This capability only checks that the directory is there; it does not read it.', 'user');
  return capability;
}

function writable(capability: Capability): DirectoryWrite {
  if (capability.level === 'write') return capability;
  throw new HeapError('not_writable', 'This capability does not write: a directory is changed with one that begins with heap-w1:.', 'user');
}
