import { createHash, randomBytes } from 'node:crypto';
import type { ByteTools, Clock } from '#agent-core';

export const clock: Clock = {
  now_ms: () => performance.now(),
  wall_ms: () => Date.now(),
  after: (delay_ms, run) => {
    const timer = setTimeout(run, delay_ms);
    return () => clearTimeout(timer);
  },
};

export const bytes: ByteTools = {
  toBase64: (raw) => Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('base64'),
  fromBase64: (text) => Buffer.from(text, 'base64'),
  sha256: (raw) => createHash('sha256').update(raw).digest('hex'),
  random: randomBytes,
};
