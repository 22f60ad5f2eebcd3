import { sha256 } from '../node/testing/support.js';
import { sha256Hex } from './sha256.js';

describe('sha256Hex', () => {
  test('is the hash of the standard', () => {
    expect(sha256Hex(new TextEncoder().encode('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  test('agrees with the platform at every length around a block, and within a larger buffer', () => {
    const bytes = Uint8Array.from({ length: 400 }, (_, i) => (i * 131) & 255);
    for (let n = 0; n <= 200; n++) expect(sha256Hex(bytes.subarray(7, 7 + n))).toBe(sha256(bytes.subarray(7, 7 + n)));
  });
});
