import type { BlobStore } from '#agent-core';
import { HTTP_LIMITS, PROBLEM_CONTENT_TYPE, problem, type RequestBody, type ResponseOf, ROUTES } from '#protocol';
import { type Fault, HeapError } from '#units';

const TIMEOUT_MS = 60_000;

const unreachable = (origin: string, error: unknown) => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
  return new HeapError(
    'heap_unreachable',
    `The heap at ${origin} did not answer (${cause}). Is the address right and the heap running?`,
    'provider',
  );
};

/** What a refusing heap says, as an error. */
async function refusal(response: Response): Promise<HeapError> {
  if (response.headers.get('content-type')?.startsWith(PROBLEM_CONTENT_TYPE)) {
    const parsed = problem.safeParse(await response.json().catch(() => null));
    if (parsed.success) return new HeapError(parsed.data.code, parsed.data.detail, parsed.data.fault as Fault);
  }
  await response.body?.cancel();
  return new HeapError('heap_refused', `The heap answered ${response.status} at ${new URL(response.url).pathname}.`, 'provider');
}

/** @throws HeapError: the heap's own reason, or `heap_unreachable`. */
export async function enrolNode(origin: string, body: RequestBody<typeof ROUTES.enrolNode>): Promise<ResponseOf<typeof ROUTES.enrolNode>> {
  const { method, path, response: shape } = ROUTES.enrolNode;
  let response: Response;
  try {
    response = await fetch(origin + path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'error',
    });
  } catch (error) {
    throw unreachable(origin, error);
  }
  if (!response.ok) throw await refusal(response);
  const parsed = shape.safeParse(await response.json().catch(() => null));
  if (parsed.success) return parsed.data;
  throw new HeapError('heap_unreachable', `What answers at ${origin} is not a heap of this version.`, 'provider');
}

/** Blobs of the heap at `origin`, with the error codes that the core tells apart. */
export function heapBlobs(origin: string): BlobStore {
  const ask = async (method: string, hash: string, token: string, body?: Uint8Array): Promise<Response> => {
    const url = origin + ROUTES.getBlob.path.replace(':hash', hash);
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (body) headers['content-type'] = 'application/octet-stream';
    let response: Response;
    try {
      response = await fetch(url, { method, headers, body: body ?? null, signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
    } catch (error) {
      throw new HeapError('blob_unreachable', unreachable(origin, error).message, 'provider');
    }
    if (response.ok) return response;
    const refused = await refusal(response);
    if (response.status === 401 || response.status === 403) throw new HeapError('blob_unauthorised', refused.message, 'provider');
    if (response.status >= 500 || [408, 425, 429].includes(response.status))
      throw new HeapError('blob_unreachable', refused.message, 'provider');
    throw refused;
  };
  return {
    get: async (hash, token) => read(await ask(ROUTES.getBlob.method, hash, token)),
    put: async (hash, bytes, token) => {
      const response = await ask(ROUTES.putBlob.method, hash, token, bytes);
      await response.body?.cancel();
    },
  };
}

/** The body, as long as it is no longer than a blob may be. */
async function read(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const part of response.body ?? []) {
      bytes += part.length;
      if (bytes > HTTP_LIMITS.blob_bytes) break;
      parts.push(part);
    }
  } catch (error) {
    throw new HeapError('blob_unreachable', `A download broke off (${String(error)}).`, 'provider');
  }
  if (bytes > HTTP_LIMITS.blob_bytes)
    throw new HeapError('blob_too_large', `A blob has more than ${HTTP_LIMITS.blob_bytes} bytes.`, 'platform');
  return Buffer.concat(parts);
}
