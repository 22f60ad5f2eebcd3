import { generateKeyPairSync, sign } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { deviceKey, heapVerifier } from './device-key.js';

let dir = '';
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'key '));
});
afterEach(() => fs.rmSync(dir, { recursive: true }));

test('is made once, kept for its owner alone, and signs', () => {
  const first = deviceKey(dir);
  expect(fs.statSync(path.join(dir, 'device-key.pem')).mode & 0o777).toBe(0o600);
  const second = deviceKey(dir);
  expect(second.public_key).toBe(first.public_key);
  expect(Buffer.from(first.public_key, 'base64')).toHaveLength(32);
  expect(heapVerifier(first.public_key)('text', second.sign('text'))).toBe(true);
  expect(heapVerifier(first.public_key)('text', second.sign('another'))).toBe(false);
});

test('a file that is no such key is said to be none', () => {
  const { privateKey } = generateKeyPairSync('x25519');
  for (const content of ['', 'garbage', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()]) {
    fs.writeFileSync(path.join(dir, 'device-key.pem'), content);
    expect(() => deviceKey(dir)).toThrow(/no Ed25519 key/);
  }
});

test("only the heap's own signature holds", () => {
  const heap = generateKeyPairSync('ed25519');
  const stranger = generateKeyPairSync('ed25519');
  const raw = Buffer.from(heap.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64');
  const verify = heapVerifier(raw);
  const by = (key: typeof heap.privateKey) => sign(null, Buffer.from('lease'), key).toString('base64');
  expect(verify('lease', by(heap.privateKey))).toBe(true);
  expect(verify('lease', by(stranger.privateKey))).toBe(false);
  for (const junk of ['', 'AAAA', '!!!']) expect(verify('lease', junk)).toBe(false);
});
