import { randomUUID } from 'node:crypto';
import type { Answer } from './api.js';
import type { TestBroker, TestPerson } from './broker.js';

export const inline = (text: string): { inline: string } => ({ inline: Buffer.from(text).toString('base64') });

/** Uploads JavaScript that gives its input back. @returns its hash. */
export async function echoModule(broker: TestBroker, person: TestPerson): Promise<string> {
  const { status, body } = await putModule(broker, person, 'javascript', 'export default (input) => input;');
  if (status >= 300) throw new Error(`the module was answered ${status}: ${JSON.stringify(body)}`);
  return body.hash;
}

export async function putModule(
  broker: TestBroker,
  person: TestPerson,
  kind: 'wasm' | 'javascript',
  bytes: string | Uint8Array,
): Promise<Answer> {
  return putBytes(broker.url, 'POST', `/v1/modules?kind=${kind}`, person.api_key, bytes);
}

/** A request whose body is bytes. */
export async function putBytes(url: string, method: string, path: string, token: string, bytes: string | Uint8Array): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    body: Buffer.from(bytes as Uint8Array),
  });
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') && text !== '';
  return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
}

/** An order for a few tasks with terms that a test may change; unchecked, as scripted nodes invent what they report. @returns the heap's answer. */
export async function order(person: TestPerson, module_hash: string, more: Record<string, unknown> = {}, key: string = randomUUID()) {
  const body = {
    module_hash,
    max_price_micro: '1000',
    budget_micro: '100000',
    fuel_limit: 1_000_000_000_000,
    inputs: [inline('one')],
    verification: 'L0',
    ...more,
  };
  return person.call('POST', '/v1/jobs', body, { 'idempotency-key': key });
}

/** A placed job. */
export async function placed(person: TestPerson, module_hash: string, more: Record<string, unknown> = {}): Promise<{ id: string }> {
  const { status, body } = await order(person, module_hash, more);
  if (status !== 201) throw new Error(`the order was answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

export const heapTask = async (person: TestPerson, job_id: string, index: number) =>
  (await person.call('GET', `/v1/jobs/${job_id}/tasks/${index}`)).body;
