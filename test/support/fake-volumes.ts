import { randomUUID } from 'node:crypto';
import { kernel, merkleRoot, verifyDirectory } from '#erasure';
import type { BodyOf, ResponseOf, ROUTES } from '#protocol';
import { HeapError, VOLUME_CODES, type VolumeClass } from '#units';

type Volume = ResponseOf<typeof ROUTES.createVolume>;
type FileView = ResponseOf<typeof ROUTES.commitFile>;
type SegmentView = ResponseOf<typeof ROUTES.putSegment>;
type State = SegmentView['pieces'][number];

class FakeFile {
  readonly segments: SegmentView[] = [];
  readonly bytes = new Map<string, Uint8Array>();
  constructor(
    readonly volume: Volume,
    readonly view: FileView,
  ) {}

  at(ordinal: unknown): SegmentView {
    const found = this.segments[Number(ordinal)];
    if (found) return found;
    throw new HeapError('segment_not_found', 'No such segment.', 'developer', { status: 404 });
  }
}

/** What of a request is looked at. */
interface Asked {
  name: keyof typeof ROUTES;
  params: Record<string, string>;
  query: Record<string, unknown>;
  body: unknown;
}

/** The answer to what is no request about volumes. */
export const NOT_OF_VOLUMES = Symbol('not of volumes');

/** Volumes of a fake heap: pieces in memory, and nothing of markets, devices and repair. */
export class FakeVolumes {
  readonly volumes = new Map<string, Volume>();
  readonly files = new Map<string, FakeFile>();
  readonly directories = new Map<string, { version: number; sealed: string }>();
  /** Pieces whose device is away now, as `ordinal/index`, of every file. */
  readonly away = new Set<string>();
  /** The state of a piece when its segment is announced. */
  placed: (ordinal: number, index: number) => State = () => 'PLANNED';
  /** Independent owners that sell space. */
  owners = 1_000;
  /** How often a commit says that it waits. */
  commits_that_wait = 0;

  async answer(request: Asked): Promise<unknown> {
    const { params, query } = request;
    const body = request.body as never;
    switch (request.name) {
      case 'createVolume':
        return this.#create(body);
      case 'estimateReservation':
        return fakeEstimate(body, this.owners);
      case 'listVolumes':
        return { volumes: [...this.volumes.values()].reverse() };
      case 'getVolume':
        return this.#health(this.#volume(params.volume_id));
      case 'deleteVolume': {
        const volume = this.#volume(params.volume_id);
        volume.state = 'ENDED';
        volume.reason = { code: 'ended', sentence: 'Its owner gave it up.' };
        return volume;
      }
      case 'createFile': {
        const volume = this.#volume(params.volume_id);
        const view = fakeFile(volume.id);
        this.files.set(view.id, new FakeFile(volume, view));
        return { file_id: view.id };
      }
      case 'listFiles':
        return { files: [...this.files.values()].filter(({ volume }) => volume.id === params.volume_id).map(({ view }) => view) };
      case 'putSegment':
        return this.#announce(this.#file(params.file_id), Number(params.ordinal), body);
      case 'putPiece': {
        const file = this.#file(params.file_id);
        const segment = file.at(params.ordinal);
        const index = Number(params.index);
        if (merkleRoot(await kernel(), body) !== segment.roots[index])
          throw new HeapError('piece_differs', 'Other bytes.', 'developer', { status: 422 });
        file.bytes.set(`${params.ordinal}/${index}`, (body as Uint8Array).slice());
        if (segment.pieces[index] !== 'UNPLACED') segment.pieces[index] = 'STORED';
        return undefined;
      }
      case 'getPiece': {
        const file = this.#file(params.file_id);
        const at = `${params.ordinal}/${params.index}`;
        const bytes = file.bytes.get(at);
        if (!bytes || this.away.has(at)) throw new HeapError('piece_unavailable', 'Its device is away.', 'platform', { status: 503 });
        return bytes;
      }
      case 'getFile': {
        const file = this.#file(params.file_id);
        const { k, n } = VOLUME_CODES[file.volume.class];
        const { from, limit } = query as { from: number; limit: number };
        return { ...file.view, k, n, class: file.volume.class, page: file.segments.slice(from, from + limit) };
      }
      case 'commitFile': {
        const { view, segments } = this.#file(params.file_id);
        view.segments = (body as { segments: number }).segments;
        if (segments.length !== view.segments)
          throw new HeapError('segments_missing', 'Segments are missing.', 'developer', { status: 409 });
        if (this.commits_that_wait-- > 0) return view;
        return Object.assign(view, { state: 'STORED', reason: { code: 'stored', sentence: 'It is stored.' }, stored_at: now() });
      }
      case 'deleteFile':
        return Object.assign(this.#file(params.file_id).view, {
          state: 'DELETED',
          reason: { code: 'deleted', sentence: 'Its owner deleted it.' },
          deleted_at: now(),
        });
      case 'putDirectory':
        return this.#putDirectory(params.directory_id as string, body);
      case 'getDirectory': {
        const directory = this.directories.get(params.directory_id as string);
        if (!directory) throw new HeapError('directory_not_found', 'No such directory.', 'developer', { status: 404 });
        return { directory_id: params.directory_id, ...directory, written_at: now() };
      }
      default:
        return NOT_OF_VOLUMES;
    }
  }

  #volume(id: string | undefined): Volume {
    const volume = this.volumes.get(id ?? '');
    if (volume) return volume;
    throw new HeapError('volume_not_found', 'No such volume.', 'developer', { status: 404 });
  }

  #file(id: string | undefined): FakeFile {
    const file = this.files.get(id ?? '');
    if (file) return file;
    throw new HeapError('file_not_found', 'No such file.', 'developer', { status: 404 });
  }

  #create(terms: BodyOf<typeof ROUTES.createVolume>): Volume {
    const { k, n, repair_at } = VOLUME_CODES[terms.class];
    const volume: Volume = {
      ...{ id: randomUUID(), name: terms.name, class: terms.class, k, n, repair_at, acknowledge_at: repair_at, gigabytes: terms.gigabytes },
      durable: terms.class !== 'small',
      state: 'READY',
      reason: { code: 'ready', sentence: 'It has its devices.' },
      reserved: { wanted: n, leased: n },
      reservation_id: null,
      devices: { leased: n, independent: n, wanted: n, needed: n, reserved: n },
      files: 0,
      bytes: 0,
      max_price_micro: String(terms.max_price_micro),
      budget_micro: String(terms.budget_micro ?? 0n),
      charged_micro: '0',
      ends_at: null,
      deletes_at: null,
      created_at: now(),
      ended_at: null,
    };
    this.volumes.set(volume.id, volume);
    return volume;
  }

  #health(volume: Volume): ResponseOf<typeof ROUTES.getVolume> {
    const none = { UNPLACED: 0, PLANNED: 0, SPOOLED: 0, STORED: 0, SUSPECT: 0, LEAVING: 0, MISSING: 0, CORRUPT: 0 };
    return {
      ...volume,
      pieces: none,
      least: null,
      segments: { stored: 0, repairing: 0, lost: 0 },
      audited_at: null,
      oldest_audit_at: null,
      repaired_bytes: 0,
      durability: { sentence: 'It keeps what it is given.', assumptions: ['Nothing is ever lost.'], doubts: [] },
    };
  }

  #announce(file: FakeFile, ordinal: number, { data_bytes, piece_bytes, roots }: BodyOf<typeof ROUTES.putSegment>): SegmentView {
    if (file.view.state === 'DELETED')
      throw new HeapError('conflict', 'The file is deleted.', 'developer', { status: 409, state: 'DELETED' });
    const known = file.segments[ordinal];
    if (known && String(known.roots) !== String(roots))
      throw new HeapError('conflict', 'It was announced otherwise.', 'developer', { status: 409, ordinal });
    if (known) {
      for (const [index, state] of known.pieces.entries()) if (state === 'UNPLACED') known.pieces[index] = this.placed(ordinal, index);
      return known;
    }
    const held = file.volume.class === ('small' satisfies VolumeClass) ? [...Array(file.volume.k).keys()] : [];
    const pieces = roots.map((_, index) => this.placed(ordinal, index));
    const segment = { ordinal, data_bytes, piece_bytes, roots, pieces, held };
    file.segments[ordinal] = segment;
    return segment;
  }

  async #putDirectory(directory_id: string, { version, sealed }: BodyOf<typeof ROUTES.putDirectory>) {
    const verified = await verifyDirectory({ directory_id }, Buffer.from(sealed, 'base64'));
    const present = this.directories.get(directory_id)?.version ?? 0;
    if (version !== present + 1 || verified.version !== version)
      throw new HeapError('directory_conflict', 'There is another version.', 'developer', { status: 409 });
    this.directories.set(directory_id, { version, sealed });
    return { directory_id, version, written_at: now() };
  }
}

const now = (): string => new Date().toISOString();

const fakeFile = (volume_id: string): FileView => ({
  id: randomUUID(),
  volume_id,
  state: 'UPLOADING',
  reason: { code: 'uploading', sentence: 'Devices are fetching it.' },
  segments: null,
  bytes: 0,
  created_at: now(),
  stored_at: null,
  deleted_at: null,
});

/** A market with room, at the price of 0.001 for a GB-month. */
function fakeEstimate(ask: BodyOf<typeof ROUTES.estimateReservation>, owners: number): ResponseOf<typeof ROUTES.estimateReservation> {
  const most = ask.max_price_micro ?? 2_000n;
  const month = String(BigInt(ask.quantity) * most);
  return {
    quantity_now: Math.min(ask.quantity, owners * (ask.max_per_node ?? ask.quantity)),
    price_micro: '1000',
    reason: { code: 'priced', sentence: 'There is room.' },
    max_price_micro: String(most),
    confidence: 0.9,
    price_range: { low_micro: '1000', high_micro: String(most) },
    cost_range: { low_micro: '0', high_micro: month },
    cost_per_unit_time: { unit: 'month', low_micro: '0', high_micro: month },
    hold_micro: ask.hours === null ? null : month,
    first_lease_ms: { low: 0, high: 5_000 },
    levers: [],
  };
}
