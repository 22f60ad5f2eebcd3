import { createHash, createHmac, createPrivateKey, generateKeyPairSync, type KeyObject, timingSafeEqual } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from './config/config.js';
import { rawPublicKey, signEd25519 } from './ed25519.js';
import { makeOnce } from './make-once.js';

const TOKEN = /^ohn_([0-9a-f-]{36})\.(\d{1,10})\.([A-Za-z0-9_-]{43})$/;

/** The heap's Ed25519 key, made at the first start and kept in the data folder: signs leases and the tokens of node sessions. */
@Injectable()
export class HeapKey {
  private readonly private_key: KeyObject;
  private readonly token_key: Buffer;
  /** Raw, base64: what nodes pin when they enrol. */
  readonly public_key: string;
  /** Names this heap in `challenge`. */
  readonly server_id: string;

  constructor(@Inject(CONFIG) config: Config) {
    this.private_key = loadOrMake(path.join(config.data_dir, 'heap-key.pem'));
    this.public_key = rawPublicKey(this.private_key);
    this.server_id = createHash('sha256').update(this.public_key).digest('hex').slice(0, 16);
    this.token_key = createHash('sha256')
      .update('node token')
      .update(this.private_key.export({ type: 'pkcs8', format: 'der' }))
      .digest();
  }

  sign(text: string): string {
    return signEd25519(this.private_key, text);
  }

  /** A session's bearer token for blobs: names the node and its session epoch, so that a newer session fences it. */
  nodeToken(node_id: string, session_epoch: number): string {
    return `ohn_${node_id}.${session_epoch}.${this.mac(`${node_id}.${session_epoch}`)}`;
  }

  readNodeToken(token: string): { node_id: string; session_epoch: number } | null {
    const [, node_id, epoch, mac] = TOKEN.exec(token) ?? [];
    if (!node_id || !epoch || !mac) return null;
    const expected = Buffer.from(this.mac(`${node_id}.${epoch}`));
    const given = Buffer.from(mac);
    return given.length === expected.length && timingSafeEqual(given, expected) ? { node_id, session_epoch: Number(epoch) } : null;
  }

  private mac(text: string): string {
    return createHmac('sha256', this.token_key).update(text).digest('base64url');
  }
}

function loadOrMake(file: string): KeyObject {
  makeOnce(file, () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return createPrivateKey(fs.readFileSync(file));
}
