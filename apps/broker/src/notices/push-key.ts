import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../platform/config/config.js';
import { OwnAddress } from '../platform/http/own-address.js';
import { makeOnce } from '../platform/make-once.js';

/** Push services take a statement for a day; a fresh one for each push costs nothing. */
const VALID_S = 12 * 3600;
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The key by which push services know this heap (VAPID, RFC 8292): P-256, made at the first start and kept in the data folder. */
@Injectable()
export class PushKey {
  private readonly private_key: KeyObject;
  /** The uncompressed point in base64url. */
  readonly public_key: string;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly own: OwnAddress,
  ) {
    const file = path.join(config.data_dir, 'push-key.pem');
    makeOnce(file, () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    this.private_key = createPrivateKey(fs.readFileSync(file));
    const { x = '', y = '' } = this.private_key.export({ format: 'jwk' });
    this.public_key = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]).toString('base64url');
  }

  /** The header by which the push service at `endpoint` sees that it is this heap that sends. */
  authorization(endpoint: string, now_ms: number): string {
    const claims = { aud: new URL(endpoint).origin, exp: Math.floor(now_ms / 1000) + VALID_S, sub: this.contact() };
    const signed = `${part({ typ: 'JWT', alg: 'ES256' })}.${part(claims)}`;
    const signature = sign('sha256', Buffer.from(signed), { key: this.private_key, dsaEncoding: 'ieee-p1363' });
    return `vapid t=${signed}.${signature.toString('base64url')}, k=${this.public_key}`;
  }

  /** Whom a push service would write to: an address of mail or of the web. */
  private contact(): string {
    const url = this.own.url();
    if (url.startsWith('https:')) return url;
    return `mailto:${/[^\s<>]+@[^\s<>]+/.exec(this.config.mail_from ?? '')?.[0] ?? 'heap@localhost'}`;
  }
}
