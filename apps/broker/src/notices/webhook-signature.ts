import { createHmac } from 'node:crypto';

/**
 * The headers of Standard Webhooks 1.0: an id that stays the same for each attempt, the second of this attempt, and a signature with each secret
 * that is good now.
 * @param secrets as people have them: `whsec_` and base64
 */
export function signedHeaders(id: string, at_s: number, body: string, secrets: readonly string[]): Record<string, string> {
  const content = `${id}.${at_s}.${body}`;
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': String(at_s), 'webhook-signature': signatures.join(' ') };
}
