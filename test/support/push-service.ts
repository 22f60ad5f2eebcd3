import { createDecipheriv, createECDH, createPublicKey, type ECDH, hkdfSync, randomBytes, verify } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

const hkdf = (salt: Buffer, key: Buffer, info: Buffer, bytes: number): Buffer => Buffer.from(hkdfSync('sha256', key, salt, info, bytes));

/** Reads a push as a browser does: RFC 8188 with the keys of RFC 8291. @throws when it was meant for another one. */
export function decrypted(message: Buffer, { ecdh, auth }: { ecdh: ECDH; auth: Buffer }): string {
  const salt = message.subarray(0, 16);
  const key_bytes = message.readUInt8(20);
  const sender = message.subarray(21, 21 + key_bytes);
  const sealed = message.subarray(21 + key_bytes);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), ecdh.getPublicKey(), sender]);
  const key = hkdf(auth, ecdh.computeSecret(sender), info, 32);
  const cipher = createDecipheriv(
    'aes-128-gcm',
    hkdf(salt, key, Buffer.from('Content-Encoding: aes128gcm\0'), 16),
    hkdf(salt, key, Buffer.from('Content-Encoding: nonce\0'), 12),
  );
  cipher.setAuthTag(sealed.subarray(-16));
  const padded = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
  return padded.subarray(0, padded.lastIndexOf(2)).toString();
}

export interface Pushed {
  headers: http.IncomingHttpHeaders;
  payload: Record<string, string>;
  /** What the heap says of itself, once its signature was checked. */
  claims: { aud: string; exp: number; sub: string };
}

/** A push service with one browser, which reads what it is sent. */
export class PushService {
  readonly pushed: Pushed[] = [];
  /** What it answers. */
  status = 201;
  private readonly ecdh = createECDH('prime256v1');
  private readonly auth = randomBytes(16);
  private waiting: (() => void)[] = [];

  private constructor(
    private readonly server: http.Server,
    readonly url: string,
  ) {
    this.ecdh.generateKeys();
  }

  static async start(): Promise<PushService> {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const service = new PushService(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => void service.take(request, response));
    return service;
  }

  /** As a browser's `PushSubscription` says it. */
  get subscription(): { endpoint: string; p256dh: string; auth: string } {
    return { endpoint: `${this.url}/browser`, p256dh: this.ecdh.getPublicKey('base64url'), auth: this.auth.toString('base64url') };
  }

  async until(count: number): Promise<void> {
    while (this.pushed.length < count) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async take(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (this.status < 300) {
      const payload = JSON.parse(decrypted(Buffer.concat(parts), { ecdh: this.ecdh, auth: this.auth })) as Record<string, string>;
      this.pushed.push({ headers: request.headers, payload, claims: claimsOf(request.headers.authorization ?? '') });
    }
    response.writeHead(this.status).end();
    for (const wake of this.waiting.splice(0)) wake();
  }
}

function claimsOf(authorization: string): Pushed['claims'] {
  const [, jwt = '', key = ''] = /^vapid t=([^,]+), k=(\S+)$/.exec(authorization) ?? [];
  const [head = '', body = '', signature = ''] = jwt.split('.');
  const point = Buffer.from(key, 'base64url');
  const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')];
  const public_key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  const right = verify(
    'sha256',
    Buffer.from(`${head}.${body}`),
    { key: public_key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!right) throw new Error('the statement is not signed with the key beside it');
  return JSON.parse(Buffer.from(body, 'base64url').toString());
}
