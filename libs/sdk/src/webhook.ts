import type { WebhookPayload } from '#protocol';
import { HeapError } from '#units';

export type WebhookNotice = WebhookPayload;

export interface WebhookRequest {
  /** `whsec_…`, as it was shown when the webhook was made or its secret renewed. */
  secret: string;
  /** Of the request: a Fetch `Headers`, or an object with lower-case names as Node.js has it. */
  headers: Headers | Readonly<Record<string, string | string[] | undefined>>;
  /** The body exactly as it came: do not parse it first. */
  body: string | Uint8Array;
  /** How old it may be, in seconds (300): what is older may be somebody's copy. */
  tolerance_s?: number;
  /** Milliseconds since 1970; the clock of this machine otherwise. */
  now_ms?: number;
}

const forged = (why: string): HeapError => new HeapError('webhook_forged', `This is no notice from the heap: ${why}.`, 'user');

/**
 * Checks that a webhook comes from the heap, as Standard Webhooks 1.0 has it, and reads it. A notice may come more than once: its
 * `data.notice_id`, which is the header `webhook-id` too, tells copies apart.
 * @throws HeapError `webhook_forged` for a signature that is not right, or a request that is too old.
 */
export async function verifyWebhook({
  secret,
  headers,
  body,
  tolerance_s = 300,
  now_ms = Date.now(),
}: WebhookRequest): Promise<WebhookNotice> {
  const [id, at, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => header(headers, name));
  if (!id || !at || !signatures || !/^\d{1,12}$/.test(at)) throw forged('it lacks the headers of a webhook');
  if (Math.abs(now_ms / 1000 - Number(at)) > tolerance_s) throw forged('it was not sent just now, or the clock of this machine is wrong');
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const head = new TextEncoder().encode(`${id}.${at}.`);
  const signed = new Uint8Array(head.length + bytes.length);
  signed.set(head);
  signed.set(bytes, head.length);
  const secret_bytes = fromBase64(secret.replace(/^whsec_/, ''));
  if (secret_bytes.length === 0) throw new HeapError('invalid_input', 'This is no secret of a webhook: it begins with whsec_.', 'user');
  const key = await crypto.subtle.importKey('raw', secret_bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  for (const signature of signatures.split(' ')) {
    if (!signature.startsWith('v1,')) continue;
    if (await crypto.subtle.verify('HMAC', key, fromBase64(signature.slice(3)), signed))
      return JSON.parse(new TextDecoder().decode(bytes)) as WebhookNotice;
  }
  throw forged('its signature is not made with this secret');
}

function header(headers: WebhookRequest['headers'], name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array(0);
  }
}
