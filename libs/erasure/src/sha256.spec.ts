import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { Kernel } from './kernel/kernel.js';
import { withNativeHash } from './kernel/native.js';
import { scalarKernel } from './kernel/scalar.js';
import { simdKernel } from './kernel/simd.js';
import { sha256 } from './sha256.js';

const digestOf = (...parts: Uint8Array[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

test('is SHA-256 of all parts', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 3 }), (parts) => {
      expect(Buffer.from(sha256(...parts))).toEqual(digestOf(...parts));
    }),
  );
});

test('many messages at once have the digests that each has alone', async () => {
  const simd = (await simdKernel()) as Kernel;
  const messages = fc
    .record({ size: fc.integer({ min: 1, max: 2_100 }), count: fc.integer({ min: 0, max: 9 }) })
    .chain(({ size, count }) =>
      fc.record({ size: fc.constant(size), bytes: fc.uint8Array({ minLength: size * count, maxLength: size * count }) }),
    );
  fc.assert(
    fc.property(messages, fc.integer({ min: 0, max: 255 }), ({ size, bytes }, prefix) => {
      const parts = Array.from({ length: bytes.length / size }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
      const expected = Buffer.concat(parts.map((part) => digestOf(Uint8Array.of(prefix), part)));
      for (const kernel of [simd, scalarKernel, withNativeHash(scalarKernel)])
        expect(Buffer.from(kernel.digests(prefix, bytes, size))).toEqual(expected);
    }),
  );
});

test('long messages are hashed by Node.js, short ones and all where there is no Node.js by the kernel', () => {
  const asked: number[] = [];
  const kernel: Kernel = { ...scalarKernel, digests: (_prefix, _messages, size) => new Uint8Array(asked.push(size)) };
  const message = Uint8Array.from({ length: 2_048 }, (_, i) => i);
  const native = withNativeHash(kernel);
  expect(Buffer.from(native.digests(0, message, 2_048))).toEqual(digestOf(Uint8Array.of(0), message));
  native.digests(1, message, 64);
  expect(asked).toEqual([64]);
  const { getBuiltinModule } = process;
  try {
    for (const elsewhere of [undefined, () => ({})]) {
      Object.assign(process, { getBuiltinModule: elsewhere });
      expect(withNativeHash(kernel)).toBe(kernel);
    }
  } finally {
    Object.assign(process, { getBuiltinModule });
  }
});
