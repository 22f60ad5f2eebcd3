import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { HTTP_LIMITS } from '#protocol';
import { admitModule } from '#sandbox/node';
import { HeapError } from '#units';
import { BlobStore } from '../platform/blobs/blob-store.js';
import type { Caller } from '../platform/http/caller.js';
import { type ModuleRow, ModulesStore } from './modules.store.js';

@Injectable()
export class ModulesService {
  constructor(
    private readonly blobs: BlobStore,
    private readonly store: ModulesStore,
  ) {}

  /** Checks and meters code before keeping it. @throws HeapError `module_refused` with the reason, `too_large`. */
  async put(person_id: string, kind: 'wasm' | 'javascript', bytes: Buffer): Promise<ModuleRow> {
    if (bytes.length === 0)
      throw new HeapError('invalid_input', 'The module is empty: send its bytes as application/octet-stream.', 'developer');
    if (bytes.length > HTTP_LIMITS.module_bytes)
      throw new HeapError(
        'too_large',
        `A module has at most ${HTTP_LIMITS.module_bytes} bytes; this one has ${bytes.length}.`,
        'developer',
      );
    const known = await this.store.find(createHash('sha256').update(bytes).digest('hex'));
    const admission = await admitModule(kind, 'bytes', bytes);
    const hash = await this.blobs.put(bytes);
    await this.store.addHolder(hash, bytes.length, person_id);
    const row = { hash, kind, metered_hash: admission.metered_hash, meter_id: admission.meter_id, bytes: bytes.length };
    if (known?.metered_hash !== row.metered_hash) await this.store.put(row);
    return row;
  }

  async read(caller: Caller, hash: string): Promise<Buffer> {
    const allowed =
      caller.kind === 'node' ? await this.store.nodeMayRead(caller.node_id, hash) : await this.store.personMayRead(caller.person_id, hash);
    if (!allowed) throw new HeapError('not_found', `There are no bytes with the hash ${hash} for you here.`, 'user', { hash });
    return this.blobs.get(hash);
  }

  /** @throws HeapError `hash_mismatch`: nothing is kept under a name it does not have. */
  async write(caller: Caller, hash: string, bytes: Buffer): Promise<void> {
    if (createHash('sha256').update(bytes).digest('hex') !== hash)
      throw new HeapError('hash_mismatch', 'The bytes do not have the SHA-256 in the path: nothing was stored.', 'user', { hash });
    if (caller.kind === 'node' && !(await this.store.nodeMayWrite(caller.node_id)))
      throw new HeapError('forbidden', 'A node stores outputs of its leases, and it has none now.', 'owner');
    await this.blobs.put(bytes);
    if (caller.kind === 'node') await this.store.addBlob(hash, bytes.length);
    else await this.store.addHolder(hash, bytes.length, caller.person_id);
  }
}
