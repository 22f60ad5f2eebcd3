import { Injectable } from '@nestjs/common';
import { verifyDirectory } from '#erasure';
import type { ResponseOf, ROUTES } from '#protocol';
import { DirectoriesStore, type DirectoryRow } from './directories.store.js';
import { refuseWrites } from './files.service.js';
import { directoriesFull, directoryInVolume, directoryUnknown, versionConflict, versionSigned } from './volumes.errors.js';
import { VolumesService } from './volumes.service.js';

type DirectoryView = ResponseOf<typeof ROUTES.getDirectory>;

/** Directories lie in the database, which no device is paid for: of each GB that was bought, as base64. */
const DIRECTORY_BYTES_PER_GB = 16 * 1024 * 1024;

/** Mutable directories: the heap knows who may write one by its key, and not what is in it. */
@Injectable()
export class DirectoriesService {
  constructor(
    private readonly store: DirectoriesStore,
    private readonly volumes: VolumesService,
  ) {}

  async get(directory_id: string): Promise<DirectoryView> {
    const row = await this.store.find(directory_id);
    if (!row) throw directoryUnknown();
    return view(row);
  }

  /**
   * Takes the version that follows the present one, signed by the directory's key. The same once more changes nothing.
   * @throws HeapError `conflict` for another version, `directory.signature_wrong`, `directory.invalid`, `directories_full.conflict`.
   */
  async put(
    person_id: string,
    volume_id: string,
    directory_id: string,
    version: number,
    sealed: string,
  ): Promise<Omit<DirectoryView, 'sealed'>> {
    const volume = await this.volumes.row(person_id, volume_id);
    refuseWrites(volume.state);
    const signed = await verifyDirectory({ directory_id }, Buffer.from(sealed, 'base64'));
    if (signed.version !== version) throw versionSigned(version, signed.version);
    const most = volume.gigabytes * DIRECTORY_BYTES_PER_GB;
    if (!(await this.store.hasRoom({ id: directory_id, volume_id, sealed }, most))) throw directoriesFull(most);
    const written = await this.store.write({ id: directory_id, volume_id, version, sealed });
    const row = written ?? (await this.store.find(directory_id));
    if (!row) throw versionConflict(version, 0);
    if (row.volume_id !== volume_id) throw directoryInVolume();
    if (!written && (row.version !== version || row.sealed !== sealed)) throw versionConflict(version, row.version);
    const { sealed: _, ...rest } = view(row);
    return rest;
  }
}

const view = (row: DirectoryRow): DirectoryView => ({
  directory_id: row.id,
  version: row.version,
  sealed: row.sealed,
  written_at: row.written_at.toISOString(),
});
