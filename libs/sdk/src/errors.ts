import { type Problem, problem } from '#protocol';
import { HeapError } from '#units';

/** What the heap refused, as the error that callers see: its code, sentence and fault, and under `details` the HTTP status and request id. */
export function refused(body: Problem): HeapError {
  return new HeapError(body.code, body.detail, body.fault, { ...body.details, status: body.status, request_id: body.request_id });
}

const SENTENCES: Readonly<Record<number, readonly [code: string, sentence: string]>> = {
  401: ['unauthenticated', 'The heap does not know this API key: make a new one, or run `heap login`.'],
  403: ['forbidden', 'These credentials may not do that.'],
  404: ['not_found', 'There is nothing at this address.'],
  413: ['too_large', 'The request is larger than the heap takes.'],
  429: ['rate_limited', 'Too many requests: wait a moment and try again.'],
};

/** An answer without a problem document comes from something between us and the heap, or from an address that is no heap. */
export async function fromResponse(response: Response): Promise<HeapError> {
  const text = await response.text().catch(() => '');
  try {
    const parsed = problem.safeParse(JSON.parse(text));
    if (parsed.success) return refused(parsed.data);
  } catch {
    // Not JSON: described by its status below.
  }
  const [code, sentence] = SENTENCES[response.status] ?? [
    response.status >= 500 ? 'unavailable' : 'unexpected_answer',
    `${new URL(response.url).origin} answered ${response.status} without saying why: is it a heap?`,
  ];
  const fault = response.status >= 500 || code === 'unexpected_answer' ? 'platform' : 'developer';
  return new HeapError(code, sentence, fault, { status: response.status });
}

/** The heap gave no answer at all. */
export function unreachableHeap(url: string, cause: unknown): HeapError {
  const reason = deepest(cause);
  const error = new HeapError(
    'unreachable',
    `The heap at ${url} does not answer (${reason}): is it running? \`npx heap dev\` starts one here.`,
    'platform',
    { url },
  );
  error.cause = cause;
  return error;
}

/** fetch() hides the reason ("connect ECONNREFUSED ...") in its cause. */
function deepest(error: unknown): string {
  const { cause, message, code } = (error ?? {}) as { cause?: unknown; message?: string; code?: string };
  return cause ? deepest(cause) : message || code || String(error);
}
