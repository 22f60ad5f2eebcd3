import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { admitModule } from '#sandbox/node';
import { HeapError } from '#units';
import { BlobStore } from '../platform/blobs/blob-store.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import type { Caller } from '../platform/http/caller.js';
import { type ModuleRow, ModulesStore } from './modules.store.js';
import { Turns } from './modules.turns.js';
import { noRoom } from './orders.errors.js';

const ADMISSIONS_MAX = 2;
const ADMISSIONS_WAITING_MAX = 64;

@Injectable()
export class ModulesService {
  /** Each is a process of some hundred megabytes that may keep a core busy for its whole time. */
  private readonly admissions = new Turns(ADMISSIONS_MAX, ADMISSIONS_WAITING_MAX);

  constructor(
    private readonly blobs: BlobStore,
    private readonly store: ModulesStore,
    private readonly transactions: Transactions,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Checks and meters code before keeping it. @throws HeapError `module_refused` with the reason and the place, `unavailable`. */
  async put(person_id: string, kind: 'wasm' | 'javascript', bytes: Buffer): Promise<ModuleRow> {
    if (bytes.length === 0)
      throw new HeapError('invalid_input', 'The module is empty: send its bytes as application/octet-stream.', 'developer');
    const known = await this.store.find(createHash('sha256').update(bytes).digest('hex'));
    const admission = await this.admissions.run(() => admitModule(kind, 'bytes', bytes));
    const hash = await this.blobs.put(bytes);
    await this.hold(person_id, hash, bytes.length);
    const row = { hash, kind, metered_hash: admission.metered_hash, meter_id: admission.meter_id, bytes: bytes.length };
    if (known?.metered_hash !== row.metered_hash) await this.store.put(row);
    return row;
  }

  /** The newest hundred. */
  async list(person_id: string): Promise<HeldModule[]> {
    return (await this.store.listOf(person_id)).map(viewOf);
  }

  async get(person_id: string, hash: string): Promise<HeldModule> {
    const [row] = await this.store.listOf(person_id, hash);
    if (!row) throw new HeapError('not_found', `You have put no module with the hash ${hash}.`, 'user', { hash });
    return viewOf(row);
  }

  async read(caller: Caller, hash: string): Promise<Buffer> {
    const allowed =
      caller.kind === 'node' ? await this.store.nodeMayRead(caller.node_id, hash) : await this.store.personMayRead(caller.person_id, hash);
    if (!allowed) throw new HeapError('not_found', `There are no bytes with the hash ${hash} for you here.`, 'user', { hash });
    return this.blobs.get(hash);
  }

  /** @throws HeapError `hash_mismatch`: nothing is kept under a name it does not have; `blob_quota_exceeded`. */
  async write(caller: Caller, hash: string, bytes: Buffer): Promise<void> {
    if (createHash('sha256').update(bytes).digest('hex') !== hash)
      throw new HeapError('hash_mismatch', 'The bytes do not have the SHA-256 in the path: nothing was stored.', 'user', { hash });
    if (caller.kind === 'node' && !(await this.store.nodeMayWrite(caller.node_id)))
      throw new HeapError('forbidden', 'A node stores outputs of its leases, and it has none now.', 'owner');
    if (caller.kind === 'node') {
      await this.blobs.put(bytes);
      return this.store.addBlob(hash, bytes.length);
    }
    await this.checkRoom(caller.person_id, hash, bytes.length);
    await this.blobs.put(bytes);
    await this.hold(caller.person_id, hash, bytes.length);
  }

  /** Before bytes are written; `hold` decides. */
  private async checkRoom(person_id: string, hash: string, bytes: number): Promise<void> {
    const held = await this.store.wouldHold(person_id, hash, bytes);
    if (held > this.config.account_blob_bytes) throw noRoom(bytes, this.config.account_blob_bytes);
  }

  private async hold(person_id: string, hash: string, bytes: number): Promise<void> {
    const most = this.config.account_blob_bytes;
    if (!(await this.transactions.run((tx) => this.store.addHolderWithin(tx, hash, bytes, person_id, most)))) throw noRoom(bytes, most);
  }
}

type HeldModule = ModuleRow & { created_at: string };

const viewOf = ({ created_at, ...row }: ModuleRow & { created_at: Date }): HeldModule => ({ ...row, created_at: created_at.toISOString() });
