import type { z } from 'zod';
import type { BlobStore, PieceHttp } from '#agent-core';
import {
  deviceRoutes,
  enrolmentLinkRoutes,
  HTTP_LIMITS,
  nodeRoutes,
  PROBLEM_CONTENT_TYPE,
  pieceRoutes,
  problem,
  type RequestBody,
  type ResponseOf,
  type Route,
} from '#protocol';
import { HeapError, type NodeKind } from '#units';

const TIMEOUT_MS = 60_000;
const PIECE_TIMEOUT_MS = 300_000;
const PASSING_STATUS = new Set([408, 425, 429]);

type Enrolment = RequestBody<typeof nodeRoutes.enrolNode>;

interface Ask {
  token?: string;
  json?: unknown;
  bytes?: Uint8Array | Blob;
  query?: string;
  signal?: AbortSignal;
}

/** The heap's HTTP side, as a device uses it; no cookie goes along. */
export class HeapHttp {
  constructor(
    private readonly origin: string,
    /** Hears of the bytes of each body, sent or received. */
    private readonly moved: (bytes: number) => void,
  ) {}

  enrol(body: Enrolment): Promise<ResponseOf<typeof nodeRoutes.enrolNode>> {
    return this.json(nodeRoutes.enrolNode, { json: body });
  }

  /** A code for this device alone, by a link for many. */
  async takeLink(code: string): Promise<string> {
    return (await this.json(enrolmentLinkRoutes.takeEnrolmentLink, { json: { code } })).code;
  }

  device(token: string): Promise<ResponseOf<typeof deviceRoutes.getDevice>> {
    return this.json(deviceRoutes.getDevice, { token });
  }

  earnings(token: string, since: Date): Promise<ResponseOf<typeof deviceRoutes.deviceEarnings>> {
    return this.json(deviceRoutes.deviceEarnings, { token, query: `?since=${encodeURIComponent(since.toISOString())}` });
  }

  async describe(token: string, name: string, kind: NodeKind): Promise<void> {
    await this.good(deviceRoutes.putDevice, deviceRoutes.putDevice.path, { token, json: { name, kind } });
  }

  async leave(token: string): Promise<void> {
    await this.good(deviceRoutes.leaveHeap, deviceRoutes.leaveHeap.path, { token });
  }

  /** With the error codes that the core tells apart. */
  readonly blobs: BlobStore = {
    get: async (hash, token) => {
      const response = await this.retriable(nodeRoutes.getBlob, { hash }, { token });
      return this.body(response, HTTP_LIMITS.blob_bytes);
    },
    put: async (hash, bytes, token) => {
      this.moved(bytes.length);
      await this.retriable(nodeRoutes.putBlob, { hash }, { token, bytes });
    },
  };

  /** The browser sends no body as it is made: what is brought, a few MB, is gathered first. */
  readonly pieces: PieceHttp = {
    get: (transfer_id, token, signal) => this.piece(transfer_id, token, signal),
    put: async (transfer_id, token, _, chunks, signal) => {
      const parts: Uint8Array<ArrayBuffer>[] = [];
      for await (const chunk of chunks) parts.push(chunk.slice() as Uint8Array<ArrayBuffer>);
      const body = new Blob(parts, { type: 'application/octet-stream' });
      this.moved(body.size);
      await this.retriable(pieceRoutes.bringPiece, { transfer_id }, { token, bytes: body, signal });
    },
  };

  private async *piece(transfer_id: string, token: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const response = await this.retriable(pieceRoutes.takePiece, { transfer_id }, { token, signal });
    const reader = response.body?.getReader();
    if (!reader) return;
    try {
      for (;;) {
        const { done, value } = await reader.read().catch((error: unknown) => {
          throw new HeapError('blob_unreachable', `The heap broke off in the middle of a piece (${(error as Error).message}).`, 'provider');
        });
        if (done) return;
        this.moved(value.length);
        yield value;
      }
    } finally {
      await reader.cancel().catch(() => {});
    }
  }

  /** With the error codes that the core tells apart. */
  private async retriable(route: Route, params: Readonly<Record<string, string>>, ask: Ask): Promise<Response> {
    let response: Response;
    try {
      const path = Object.entries(params).reduce((text, [name, value]) => text.replace(`:${name}`, value), route.path);
      response = await this.ask(route, path, ask);
    } catch (error) {
      if (error instanceof HeapError && error.code === 'heap_unreachable')
        throw new HeapError('blob_unreachable', error.message, 'provider');
      throw error;
    }
    if (response.ok) return response;
    const refused = await refusal(response);
    if (response.status === 401 || response.status === 403) throw new HeapError('blob_unauthorised', refused.message, 'provider');
    if (response.status >= 500 || PASSING_STATUS.has(response.status)) throw new HeapError('blob_unreachable', refused.message, 'provider');
    throw refused;
  }

  private async json<R extends Route & { response: z.ZodType }>(route: R, ask: Ask): Promise<ResponseOf<R>> {
    const response = await this.good(route, route.path + (ask.query ?? ''), ask);
    const text = new TextDecoder().decode(await this.body(response, HTTP_LIMITS.body_bytes));
    const parsed = route.response.safeParse(jsonOf(text));
    if (parsed.success) return parsed.data as ResponseOf<R>;
    throw new HeapError('heap_unreachable', `What answers at ${this.origin} is not a heap of this version.`, 'provider');
  }

  private async good(route: Route, path: string, ask: Ask): Promise<Response> {
    const response = await this.ask(route, path, ask);
    if (!response.ok) throw await refusal(response);
    return response;
  }

  private async ask(route: Route, path: string, { token, json, bytes, signal }: Ask): Promise<Response> {
    const headers: Record<string, string> = {};
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    if (json !== undefined) headers['content-type'] = 'application/json';
    if (bytes !== undefined) headers['content-type'] = 'application/octet-stream';
    const body = bytes === undefined ? JSON.stringify(json) : (bytes as Uint8Array<ArrayBuffer> | Blob);
    const limit = AbortSignal.timeout(signal ? PIECE_TIMEOUT_MS : TIMEOUT_MS);
    try {
      return await fetch(new URL(path, this.origin), {
        method: route.method,
        headers,
        ...((json !== undefined || bytes !== undefined) && { body }),
        credentials: 'omit',
        redirect: 'error',
        cache: 'no-store',
        signal: signal ? either(signal, limit) : limit,
      });
    } catch (error) {
      throw new HeapError('heap_unreachable', `The heap at ${this.origin} did not answer (${(error as Error).message}).`, 'provider');
    }
  }

  private async body(response: Response, most: number): Promise<Uint8Array> {
    const declared = Number(response.headers.get('content-length') ?? 0);
    if (declared > most) throw tooLarge(most);
    const bytes = new Uint8Array(await response.arrayBuffer());
    this.moved(bytes.length);
    if (bytes.length > most) throw tooLarge(most);
    return bytes;
  }
}

/** `AbortSignal.any`, which Safari 17.0 does not have. */
function either(...signals: readonly AbortSignal[]): AbortSignal {
  const joint = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) joint.abort(signal.reason);
    else signal.addEventListener('abort', () => joint.abort(signal.reason), { once: true });
  }
  return joint.signal;
}

const tooLarge = (most: number) => new HeapError('answer_too_large', `The heap answered with more than ${most} bytes.`, 'platform');

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What a refusing heap says, as an error. */
async function refusal(response: Response): Promise<HeapError> {
  const is_problem = response.headers.get('content-type')?.startsWith(PROBLEM_CONTENT_TYPE) ?? false;
  const said = problem.safeParse(is_problem ? await response.json().catch(() => null) : null);
  if (said.success) return new HeapError(said.data.code, said.data.detail, said.data.fault);
  return new HeapError('heap_refused', `The heap answered with status ${response.status}.`, 'provider');
}
