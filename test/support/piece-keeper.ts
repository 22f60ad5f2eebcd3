import { type Kernel, kernel, LEAF_BYTES, merkleRoot, prove } from '#erasure';
import { type Body, decodeFrame, FROM_BROKER } from '#protocol';
import type { TestBroker, TestPerson } from './broker.js';
import { FakeNode, type FakeSession } from './fake-node.js';

const GB = 1_000_000_000;
const GIGABYTES = 10;

interface Kept {
  bytes: Buffer;
  root: string;
}

export interface KeeperOptions {
  owner?: TestPerson;
  name?: string;
  gigabytes?: number;
  storage_class?: 'standard' | 'cold';
  price_micro?: string;
  /** Another process to connect to. */
  url?: string;
}

/** A device that keeps pieces truly, in memory, or as falsely as a test wants it. */
export class PieceKeeper {
  readonly pieces = new Map<string, Kept>();
  /** Audits it was asked, by number of challenges. */
  readonly audits: Body<'audit'>[] = [];
  /** Does nothing that it is told. */
  deaf = false;
  /** Answers no audits. */
  silent = false;
  private busy: Promise<void> = Promise.resolve();

  private constructor(
    readonly broker: TestBroker,
    readonly owner: TestPerson,
    readonly node: FakeNode,
    private readonly machine: Kernel,
    private readonly options: KeeperOptions,
  ) {}

  session!: FakeSession;
  /** Where it is connected. */
  private url = '';

  static async join(broker: TestBroker, options: KeeperOptions = {}): Promise<PieceKeeper> {
    const owner = options.owner ?? (await broker.person({ funds_micro: 0n }));
    const keeper = new PieceKeeper(
      broker,
      owner,
      await FakeNode.enrol(broker, owner, options.name === undefined ? {} : { name: options.name }),
      await kernel(),
      options,
    );
    await keeper.connect();
    return keeper;
  }

  get id(): string {
    return this.node.node_id;
  }

  async connect(url = this.options.url): Promise<void> {
    this.url = url ?? this.broker.url;
    const { gigabytes = GIGABYTES, storage_class = 'standard', price_micro = '4000' } = this.options;
    this.session = await this.node.connect(url === undefined ? {} : { url });
    this.session.socket.on('message', (data: Buffer) => {
      for (const message of decodeFrame(data.toString(), FROM_BROKER)) {
        if (message.t === 'piece.put') this.next(() => this.put(message.b));
        if (message.t === 'piece.get') this.next(() => this.bring(message.b));
        if (message.t === 'piece.del') this.next(async () => this.remove(message.b));
        if (message.t === 'audit') this.next(async () => this.answer(message.b));
      }
    });
    this.session.send('state', { leases: [] });
    await this.session.next('reconcile');
    this.session.keep({ storage: gigabytes === 0 ? [] : [{ storage_class, bytes: gigabytes * GB, reserve_price_micro: price_micro }] });
    this.say();
  }

  /** What it keeps and has room for. */
  say(room = (this.options.gigabytes ?? GIGABYTES) * GB): void {
    const bytes = this.bytes;
    this.session.send('pieces', { held: this.pieces.size, bytes, free_bytes: Math.max(0, room - bytes) });
  }

  get bytes(): number {
    return [...this.pieces.values()].reduce((sum, piece) => sum + piece.bytes.length, 0);
  }

  /** One thing after the other, as messages come. */
  private next(work: () => Promise<void>): void {
    if (this.deaf) return;
    this.busy = this.busy.then(work).catch(() => {});
  }

  private http(method: 'GET' | 'PUT', transfer_id: string, body?: Uint8Array): Promise<Response> {
    return fetch(`${this.url}/v1/pieces/${transfer_id}`, {
      method,
      headers: { authorization: `Bearer ${this.session.welcome?.token}`, ...(body && { 'content-type': 'application/octet-stream' }) },
      ...(body && { body: Buffer.from(body) }),
    });
  }

  private async put({ piece_id, transfer_id, root, bytes }: Body<'piece.put'>): Promise<void> {
    if (!this.pieces.has(piece_id)) {
      const answer = await this.http('GET', transfer_id);
      const piece = Buffer.from(await answer.arrayBuffer());
      if (answer.status !== 200 || piece.length !== bytes || merkleRoot(this.machine, piece) !== root) {
        this.session.send('piece.failed', {
          piece_id,
          transfer_id,
          code: 'transfer_failed',
          sentence: `It was answered ${answer.status}.`,
        });
        return;
      }
      this.pieces.set(piece_id, { bytes: piece, root });
    }
    this.session.send('piece.stored', { piece_id, transfer_id });
  }

  private async bring({ piece_id, transfer_id, offset, bytes }: Body<'piece.get'>): Promise<void> {
    const kept = this.pieces.get(piece_id);
    if (!kept) {
      this.session.send('piece.failed', { piece_id, transfer_id, code: 'piece_missing', sentence: 'It is not here.' });
      return;
    }
    await this.http('PUT', transfer_id, kept.bytes.subarray(offset, offset + bytes));
  }

  private remove({ pieces }: Body<'piece.del'>): void {
    for (const id of pieces) this.pieces.delete(id);
    this.session.send('piece.gone', { pieces });
  }

  private answer(audit: Body<'audit'>): void {
    this.audits.push(audit);
    if (this.silent) return;
    const answers = audit.challenges.map(({ piece_id, leaf }) => {
      const kept = this.pieces.get(piece_id);
      if (!kept) return { piece_id, data: null, proof: [] };
      const data = kept.bytes.subarray(leaf * LEAF_BYTES, (leaf + 1) * LEAF_BYTES);
      return { piece_id, data: data.toString('base64'), proof: [...prove(this.machine, kept.bytes, { first: leaf, count: 1 })] };
    });
    this.session.send('audit.answer', { audit_id: audit.audit_id, answers });
  }

  /** Forgets pieces without a word. */
  forget(): void {
    this.pieces.clear();
  }

  /** Turns a bit of every leaf of every piece. */
  corrupt(): void {
    for (const { bytes } of this.pieces.values())
      for (let at = 0; at < bytes.length; at += LEAF_BYTES) bytes[at] = (bytes[at] as number) ^ 1;
  }

  async vanish(): Promise<void> {
    await this.session.vanish();
  }
}
