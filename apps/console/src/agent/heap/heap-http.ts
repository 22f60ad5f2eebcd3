import type { z } from 'zod';
import type { BlobStore } from '#agent-core';
import {
  deviceRoutes,
  enrolmentLinkRoutes,
  HTTP_LIMITS,
  nodeRoutes,
  PROBLEM_CONTENT_TYPE,
  problem,
  type RequestBody,
  type ResponseOf,
  type Route,
} from '#protocol';
import { HeapError, type NodeKind } from '#units';

const TIMEOUT_MS = 60_000;
const PASSING_STATUS = new Set([408, 425, 429]);

type Enrolment = RequestBody<typeof nodeRoutes.enrolNode>;

interface Ask {
  token?: string;
  json?: unknown;
  bytes?: Uint8Array;
  query?: string;
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
      const response = await this.blob(nodeRoutes.getBlob, hash, { token });
      return this.body(response, HTTP_LIMITS.blob_bytes);
    },
    put: async (hash, bytes, token) => {
      this.moved(bytes.length);
      await this.blob(nodeRoutes.putBlob, hash, { token, bytes });
    },
  };

  private async blob(route: Route, hash: string, ask: Ask): Promise<Response> {
    let response: Response;
    try {
      response = await this.ask(route, route.path.replace(':hash', hash), ask);
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

  private async ask(route: Route, path: string, { token, json, bytes }: Ask): Promise<Response> {
    const headers: Record<string, string> = {};
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    if (json !== undefined) headers['content-type'] = 'application/json';
    if (bytes !== undefined) headers['content-type'] = 'application/octet-stream';
    const body = bytes === undefined ? JSON.stringify(json) : (bytes as Uint8Array<ArrayBuffer>);
    try {
      return await fetch(new URL(path, this.origin), {
        method: route.method,
        headers,
        ...((json !== undefined || bytes !== undefined) && { body }),
        credentials: 'omit',
        redirect: 'error',
        cache: 'no-store',
        signal: AbortSignal.timeout(TIMEOUT_MS),
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
