import { type FileRead, type FileVerify, isDescribedBy, isPiece, kernel, type SegmentDescriptor } from '#erasure';
import { HTTP_LIMITS, ROUTES } from '#protocol';
import { HeapError, VOLUME_CODES, type VolumeClass } from '#units';
import { descriptorOf, type FileView, READABLE, type SegmentView } from './download.js';
import type { HttpClient } from './http.js';
import { eachOf } from './pool.js';

type PieceState = SegmentView['pieces'][number];

export interface CheckOptions {
  /** Fetches every piece and checks its bytes by the capability, instead of believing the heap's audits. Takes n / k times the file. */
  deep?: boolean;
  signal?: AbortSignal;
  onProgress?: (progress: { segments: number; total: number }) => void;
}

/** How well a file is kept. */
export interface CheckReport {
  file_id: string;
  volume_id: string;
  state: FileView['state'];
  class: VolumeClass;
  k: number;
  n: number;
  repair_at: number;
  /** All segments are described as the capability says: what the heap audits is this file. */
  genuine: boolean;
  /** With the manifest. */
  segments: number;
  /** Of ciphertext. */
  bytes: number;
  /** Pieces of all segments by state; of a deep check those that failed it are CORRUPT, and those whose device was away MISSING. */
  pieces: Partial<Record<PieceState, number>>;
  /** Of the segment with the fewest pieces: how many are there, and how many more could go before it is made anew, and before it is lost. */
  least: { ordinal: number; available: number; above_repair: number; above_k: number } | null;
  /** Pieces that are not there, the first 1,000 of them. */
  missing: { ordinal: number; index: number; state: PieceState }[];
  /** Readable as far as the heap, or a deep check, knows. */
  healthy: boolean;
  sentence: string;
}

const MISSING_MAX = 1_000;
const PARALLEL = 8;

/** @throws HeapError `not_found`, … ; what is wrong with the file is no error but in the report */
export async function checkFile(http: HttpClient, capability: FileRead | FileVerify, options: CheckOptions): Promise<CheckReport> {
  const { file_id, segments: total } = capability;
  const descriptors: SegmentDescriptor[] = [];
  const pieces: CheckReport['pieces'] = {};
  const missing: CheckReport['missing'] = [];
  let least: CheckReport['least'] = null;
  let file: FileView;
  do {
    const query = { from: descriptors.length, limit: HTTP_LIMITS.page_items };
    file = await http.call(ROUTES.getFile, { params: { file_id }, query, ...signalOf(options) });
    const { k, repair_at } = VOLUME_CODES[file.class];
    for (const view of file.page) {
      const descriptor = descriptorOf(file, view);
      const states = options.deep ? await fetched(http, file_id, view, descriptor, options.signal) : view.pieces;
      descriptors.push(descriptor);
      const there = (state: PieceState, index: number) => READABLE.has(state) || (!options.deep && view.held.includes(index));
      const available = states.filter(there).length;
      for (const [index, state] of states.entries()) {
        pieces[state] = (pieces[state] ?? 0) + 1;
        if (!there(state, index) && missing.length < MISSING_MAX) missing.push({ ordinal: view.ordinal, index, state });
      }
      if (!least || available < least.available)
        least = { ordinal: view.ordinal, available, above_repair: available - repair_at, above_k: available - k };
      options.onProgress?.({ segments: descriptors.length, total });
    }
  } while (file.page.length === HTTP_LIMITS.page_items && descriptors.length < total);
  const genuine = isDescribedBy(capability, descriptors);
  const report = { file_id, volume_id: file.volume_id, state: file.state, class: file.class, ...VOLUME_CODES[file.class] };
  const healthy = genuine && file.state === 'STORED' && least !== null && least.above_k >= 0;
  const bytes = descriptors.reduce((sum, { data_bytes }) => sum + data_bytes, 0);
  return { ...report, genuine, segments: total, bytes, pieces, least, missing, healthy, sentence: said(file, genuine, least) };
}

const signalOf = ({ signal }: CheckOptions) => (signal ? { signal } : {});

function said(file: FileView, genuine: boolean, least: CheckReport['least']): string {
  if (file.state !== 'STORED') return `The file is not stored: ${file.reason.sentence}`;
  if (!genuine || !least) return 'The heap describes another file than the capability does: nothing of it can be trusted.';
  const { ordinal, available, above_k, above_repair } = least;
  const { k, n } = VOLUME_CODES[file.class];
  const of = `segment ${ordinal}, which has the fewest, has ${available} of ${n} pieces`;
  if (above_k < 0) return `The file cannot be read now: ${of}, and ${k} are needed.`;
  if (above_repair <= 0) return `The file can be read and is due for repair: ${of}; ${above_k} more may go before it is lost.`;
  return `The file is well kept: ${of}; ${above_repair} more may go before it is repaired, ${above_k} before it is lost.`;
}

async function fetched(
  http: HttpClient,
  file_id: string,
  { ordinal, pieces }: SegmentView,
  descriptor: SegmentDescriptor,
  signal: AbortSignal | undefined,
): Promise<PieceState[]> {
  const states: PieceState[] = [...pieces];
  const code = await kernel();
  const indexes = [...pieces.keys()].filter((index) => pieces[index] !== 'UNPLACED' && pieces[index] !== 'PLANNED');
  await eachOf(indexes, PARALLEL, signal, async (index, stop) => {
    const params = { file_id, ordinal, index };
    try {
      const bytes = await http.bytes(ROUTES.getPiece, { params, signal: stop, retries: 1 });
      if (!isPiece(code, descriptor, index, bytes)) states[index] = 'CORRUPT';
      else if (!READABLE.has(states[index] as string)) states[index] = 'STORED';
    } catch (error) {
      if (stop.aborted || !(error instanceof HeapError)) throw error;
      states[index] = 'MISSING';
    }
  });
  return states;
}
