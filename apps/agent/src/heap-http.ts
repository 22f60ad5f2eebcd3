import type { BlobStore, PieceHttp } from '#agent-core';
import { PROBLEM_CONTENT_TYPE, problem, type RequestBody, type ResponseOf, ROUTES } from '#protocol';
import { HeapError } from '#units';
import { type Answer, request, streamed } from './http-request.js';

const PASSING_STATUS = new Set([408, 425, 429]);

function json(answer: Answer): unknown {
  try {
    return JSON.parse(answer.body.toString('utf8'));
  } catch {
    return null;
  }
}

/** What a refusing heap says, as an error. */
function refusal(answer: Answer): HeapError {
  const said = answer.content_type.startsWith(PROBLEM_CONTENT_TYPE) ? problem.safeParse(json(answer)) : null;
  if (said?.success) return new HeapError(said.data.code, said.data.detail, said.data.fault);
  return new HeapError('heap_refused', `The heap answered with status ${answer.status}.`, 'provider');
}

const good = ({ status }: Answer) => status >= 200 && status < 300;

/** A code for this device alone, by a link for many. @throws as `enrolNode`. */
export const takeLink = async (origin: string, code: string): Promise<string> =>
  (await post(ROUTES.takeEnrolmentLink, origin, { code })).code;

/** @throws HeapError: the heap's own reason, or `heap_unreachable`. */
export const enrolNode = (origin: string, body: RequestBody<typeof ROUTES.enrolNode>): Promise<ResponseOf<typeof ROUTES.enrolNode>> =>
  post(ROUTES.enrolNode, origin, body);

async function post<R extends typeof ROUTES.enrolNode | typeof ROUTES.takeEnrolmentLink>(
  route: R,
  origin: string,
  body: RequestBody<R>,
): Promise<ResponseOf<R>> {
  const { method, path, response: shape } = route;
  const headers = { 'content-type': 'application/json' };
  const answer = await request(new URL(path, origin), { method, headers, body: JSON.stringify(body) });
  if (!good(answer)) throw refusal(answer);
  const parsed = shape.safeParse(json(answer));
  if (parsed.success) return parsed.data as ResponseOf<R>;
  throw new HeapError('heap_unreachable', `What answers at ${origin} is not a heap of this version.`, 'provider');
}

/** A refusal, or that nobody answered, with the codes by which the core knows what to try again. */
function toTryAgain(status: number, refused: HeapError): HeapError {
  if (status === 401 || status === 403) return new HeapError('blob_unauthorised', refused.message, 'provider');
  if (status >= 500 || PASSING_STATUS.has(status)) return new HeapError('blob_unreachable', refused.message, 'provider');
  return refused;
}
const noAnswer = (error: unknown): unknown =>
  error instanceof HeapError && error.code === 'heap_unreachable' ? new HeapError('blob_unreachable', error.message, 'provider') : error;

/** Blobs of the heap at `origin`, with the error codes that the core tells apart. */
export function heapBlobs(origin: string): BlobStore {
  const ask = async (route: typeof ROUTES.getBlob | typeof ROUTES.putBlob, hash: string, token: string, body?: Uint8Array) => {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (body) headers['content-type'] = 'application/octet-stream';
    const url = new URL(route.path.replace(':hash', hash), origin);
    const answer = await request(url, { method: route.method, headers, ...(body && { body }) }).catch((error: unknown) => {
      throw noAnswer(error);
    });
    if (good(answer)) return answer.body;
    throw toTryAgain(answer.status, refusal(answer));
  };
  return {
    get: (hash, token) => ask(ROUTES.getBlob, hash, token),
    put: async (hash, bytes, token) => {
      await ask(ROUTES.putBlob, hash, token, bytes);
    },
  };
}

/** Pieces of volumes, which are never whole in memory; errors as of blobs. */
export function heapPieces(origin: string): PieceHttp {
  const at = (route: typeof ROUTES.takePiece | typeof ROUTES.bringPiece, transfer_id: string) =>
    new URL(route.path.replace(':transfer_id', transfer_id), origin);
  return {
    async *get(transfer_id, token, signal) {
      const { takePiece } = ROUTES;
      const headers = { authorization: `Bearer ${token}` };
      try {
        const answer = await streamed(at(takePiece, transfer_id), { method: takePiece.method, headers, signal });
        if (answer.status !== takePiece.status) throw toTryAgain(answer.status, refusal(await answer.whole()));
        yield* answer.body;
      } catch (error) {
        throw noAnswer(error);
      }
    },
    async put(transfer_id, token, bytes, chunks, signal) {
      const { bringPiece } = ROUTES;
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' };
      try {
        const body = { bytes, chunks };
        const answer = await streamed(at(bringPiece, transfer_id), { method: bringPiece.method, headers, body, signal });
        const said = await answer.whole();
        if (!good(said)) throw toTryAgain(said.status, refusal(said));
      } catch (error) {
        throw noAnswer(error);
      }
    },
  };
}
