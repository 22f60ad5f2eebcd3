import { type Capability, type FileRead, type FileVerify, formatCapability, toRead } from '#erasure';
import { ROUTES } from '#protocol';
import { HeapError } from '#units';
import { type CheckOptions, type CheckReport, checkFile } from './check.js';
import { Directories, type Listing } from './directories.js';
import { Download, type GetOptions } from './download.js';
import type { HttpClient } from './http.js';
import { type PutOptions, type PutSource, putFile } from './put.js';
import { type StoredFile, Volumes } from './volumes.js';

/** Files and directories of volumes. */
export class Storage {
  readonly volumes: Volumes;
  readonly #directories: Directories;

  constructor(private readonly http: HttpClient) {
    this.volumes = new Volumes(http);
    this.#directories = new Directories(http);
  }

  async put(source: PutSource, options: PutOptions): Promise<string> {
    const { into } = options;
    // Before a byte is sent: a name that is taken, or a directory that cannot be written, costs nothing.
    const place = into === undefined ? null : await this.#directories.place(into);
    if (place && (await this.#taken(into as string, place.name)))
      throw new HeapError('name_taken', `There is a ${JSON.stringify(place.name)} in this directory already.`, 'user', {
        name: place.name,
      });
    const volume = options.volume ?? place?.directory.volume_id;
    const file = await putFile(this.http, source, () => this.volumes.find(volume), options);
    if (into !== undefined) await this.#directories.link(into, await this.#directories.resolve(file.capability), { bytes: file.bytes });
    return file.capability;
  }

  get(address: string, options: GetOptions): Download {
    return new Download(this.http, async () => toRead(readable(await this.#directories.resolve(address))), options);
  }

  async check(address: string, options: CheckOptions): Promise<CheckReport> {
    return checkFile(this.http, aFile(await this.#directories.resolve(address)), options);
  }

  async rm(address: string): Promise<StoredFile> {
    const { file_id } = aFile(await this.#directories.resolve(address));
    return this.http.call(ROUTES.deleteFile, { params: { file_id } });
  }

  async mkdir({ volume, into }: { volume?: string; into?: string }): Promise<string> {
    const place = into === undefined ? null : await this.#directories.place(into);
    const volume_id = volume === undefined && place ? place.directory.volume_id : (await this.volumes.find(volume)).id;
    const directory = await this.#directories.create(volume_id);
    if (into !== undefined) await this.#directories.link(into, directory);
    return formatCapability(directory);
  }

  ls(address: string): Promise<Listing> {
    return this.#directories.list(address);
  }

  async link(address: string, target: string, replace: boolean): Promise<void> {
    const capability = await this.#directories.resolve(target);
    await this.#directories.link(address, capability, { replace, bytes: await this.#length(capability) });
  }

  async unlink(address: string): Promise<string> {
    return formatCapability(await this.#directories.unlink(address));
  }

  async #taken(into: string, name: string): Promise<boolean> {
    const directory = into.slice(0, into.lastIndexOf('/'));
    return (await this.ls(directory)).entries.some((entry) => entry.name === name);
  }

  /** Of what can be read; of other files only their writers know it. */
  async #length(capability: Capability): Promise<number | null> {
    if (capability.target === 'directory' || capability.level !== 'read') return null;
    return new Download(this.http, async () => capability, {}).size();
  }
}

function aFile(capability: Capability): FileRead | FileVerify {
  if (capability.target === 'file') return capability;
  throw new HeapError('not_a_file', 'This capability is of a directory, not of a file.', 'user');
}

function readable(capability: Capability): FileRead {
  const file = aFile(capability);
  if (file.level === 'read') return file;
  throw new HeapError('capability.too_weak', 'This capability only checks that the file is there; it does not read it.', 'user');
}
