import { randomBytes, randomUUID } from 'node:crypto';
import { kernel, merkleRoot, verify } from '#erasure';
import type { Body, PieceFailure, WireBody } from '#protocol';
import { type HeapPage, startHeapPage } from '../browser/support/heap-page.js';
import { CODE, TinyHeap } from '../support/tiny-heap.js';
import type { AgentUnderTest } from './agents.js';

export const QUOTA_BYTES = 50_000_000;
const DAY_MS = 86_400_000;

/** An agent that may keep `QUOTA_BYTES`. */
export interface KeeperUnderTest extends AgentUnderTest {
  /** Changes a byte of what lies on its disk of a piece. */
  damage(piece_id: string): Promise<void>;
}
export type StartKeeper = (url: string, code: string) => Promise<KeeperUnderTest>;

interface Piece {
  piece_id: string;
  data: Buffer;
}

/** What every agent does with pieces of volumes, whatever it keeps them in. */
export function pieceConformance(platform: string, group: jest.Describe, start: StartKeeper): void {
  group(`${platform} and pieces of volumes`, () => {
    let heap: TinyHeap;
    let page: HeapPage;
    let agent: KeeperUnderTest;
    let math: Awaited<ReturnType<typeof kernel>>;
    const kept: Piece[] = [];
    beforeAll(async () => {
      math = await kernel();
      heap = new TinyHeap();
      page = await startHeapPage(await heap.listen());
      agent = await start(page.url, CODE);
      await heap.until(() => heap.of('pieces')[0]);
    }, 240_000);
    afterAll(async () => {
      await agent?.close();
      await page?.close();
      heap?.close();
    });

    const failed = (transfer_id: string | null): Promise<PieceFailure> =>
      heap.until(() => heap.of('piece.failed').find((body) => body.transfer_id === transfer_id)?.code);

    /** @param sent where the heap does not send what it promised. */
    function put({ piece_id, data }: Piece, { sent = data, ...over }: Partial<WireBody<'piece.put'>> & { sent?: Buffer } = {}): string {
      const transfer_id = randomUUID();
      heap.pieces.set(transfer_id, sent);
      const rest = { bytes: data.length, root: merkleRoot(math, data), keep_ms: 31 * DAY_MS, deadline_ms: 120_000 };
      heap.send('piece.put', { piece_id, transfer_id, ...rest, ...over });
      return transfer_id;
    }
    async function stored(bytes: number): Promise<Piece> {
      const piece = { piece_id: randomUUID(), data: randomBytes(bytes) };
      const transfer_id = put(piece);
      await heap.until(() => heap.of('piece.stored').find((body) => body.transfer_id === transfer_id));
      kept.push(piece);
      return piece;
    }
    async function brought({ piece_id, data }: Piece, offset = 0, bytes = data.length): Promise<Buffer> {
      const transfer_id = randomUUID();
      heap.send('piece.get', { piece_id, transfer_id, offset, bytes, deadline_ms: 120_000 });
      return heap.until(() => heap.brought.get(transfer_id));
    }
    const same = (a: Buffer, b: Buffer) => Buffer.compare(a, b) === 0;

    async function audit(...challenges: { piece_id: string; leaf: number }[]): Promise<Body<'audit.answer'>['answers']> {
      const audit_id = randomUUID();
      heap.send('audit', { audit_id, challenges });
      return (await heap.until(() => heap.of('audit.answer').find((body) => body.audit_id === audit_id))).answers;
    }

    test('says how much it has room for', () => {
      expect(heap.of('pieces')[0]).toMatchObject({ held: 0, bytes: 0, free_bytes: QUOTA_BYTES });
    });

    test.each([1, 2_048, 2_049, 1_677_723, 5_592_411])(
      'keeps a piece of %i bytes and brings it back',
      async (bytes) => {
        const piece = await stored(bytes);
        expect(same(await brought(piece), piece.data)).toBe(true);
        const [offset, part] = [Math.floor(bytes / 3), Math.ceil(bytes / 2)];
        expect(same(await brought(piece, offset, part), piece.data.subarray(offset, offset + part))).toBe(true);
      },
      120_000,
    );

    test('proves any leaf of it', async () => {
      const piece = await stored(300_001);
      const challenges = [0, 77, 146].map((leaf) => ({ piece_id: piece.piece_id, leaf }));
      for (const [i, { data, proof }] of (await audit(...challenges)).entries()) {
        const range = { first: challenges[i]?.leaf ?? 0, count: 1 };
        const claim = { root: merkleRoot(math, piece.data), piece_bytes: piece.data.length, range };
        expect(verify(math, { ...claim, bytes: Buffer.from(data ?? '', 'base64'), proof })).toBe(true);
      }
    }, 120_000);

    test('takes no piece that is longer, shorter or another than was promised, and loses none over it', async () => {
      const piece = { piece_id: randomUUID(), data: randomBytes(200_000) };
      for (const sent of [randomBytes(200_001), piece.data.subarray(1), randomBytes(200_000), randomBytes(6_000_000)])
        expect(await failed(put(piece, { sent }))).toBe('root_differs');
      const [first] = kept as [Piece];
      expect(await failed(put({ piece_id: first.piece_id, data: piece.data }))).toBe('root_differs');
      expect((await audit({ piece_id: piece.piece_id, leaf: 0 }))[0]?.data).toBeNull();
      expect(same(await brought(first), first.data)).toBe(true);
    }, 120_000);

    test('tries again what broke in the middle', async () => {
      heap.breaking = 2;
      await stored(900_000);
      expect(heap.breaking).toBe(0);
    }, 120_000);

    test('takes no more than it has room for', async () => {
      const piece = { piece_id: randomUUID(), data: randomBytes(8_000_000) };
      for (let n = 0; n < 5; n++) await stored(8_000_000);
      expect(await failed(put({ ...piece, piece_id: randomUUID() }))).toBe('no_room');
      for (const { piece_id } of kept.splice(-5)) heap.send('piece.del', { pieces: [piece_id] });
      await heap.until(() => heap.of('piece.gone').length === 5);
      await stored(8_000_000);
    }, 240_000);

    test('has after dying what it had before', async () => {
      heap.messages.length = 0;
      await agent.comeBack();
      const said = await heap.until(() => heap.of('pieces')[0]);
      expect(said).toMatchObject({ held: kept.length, bytes: kept.reduce((sum, { data }) => sum + data.length, 0) });
      for (const piece of kept) expect(same(await brought(piece), piece.data)).toBe(true);
    }, 240_000);

    test('reports what its disk has changed, and sends none of it; the same piece may come again', async () => {
      const piece = await stored(100_000);
      await agent.damage(piece.piece_id);
      const transfer_id = randomUUID();
      heap.send('piece.get', { piece_id: piece.piece_id, transfer_id, offset: 0, bytes: 100_000, deadline_ms: 60_000 });
      expect(await failed(transfer_id)).toBe('piece_corrupt');
      expect(heap.brought.has(transfer_id)).toBe(false);
      expect((await audit({ piece_id: piece.piece_id, leaf: 0 }))[0]).toMatchObject({ data: null, proof: [] });
      const again = put(piece);
      await heap.until(() => heap.of('piece.stored').find((body) => body.transfer_id === again));
      expect(same(await brought(piece), piece.data)).toBe(true);
    }, 120_000);
  });
}
