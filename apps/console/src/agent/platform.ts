import type { ByteTools, Clock, Log } from '#agent-core';

export const browserClock: Clock = {
  now_ms: () => performance.now(),
  wall_ms: () => Date.now(),
  after: (delay_ms, run) => {
    const timer = setTimeout(run, delay_ms);
    return () => clearTimeout(timer);
  },
};

const CHUNK = 0x8000;

/** In pieces: a call takes only so many arguments. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

const hex = (bytes: ArrayBuffer): string => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');

export const browserBytes: ByteTools = {
  toBase64,
  fromBase64,
  sha256: async (bytes) => hex(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)),
  random: (count) => crypto.getRandomValues(new Uint8Array(count)),
};

/** Uniform in [0, 1). */
export function browserRandom(): number {
  const [word = 0] = crypto.getRandomValues(new Uint32Array(1));
  return word / 2 ** 32;
}

/** To the browser's console, for who looks. */
export const consoleLog: Log = {
  debug: () => {},
  info: (fields, sentence) => console.info(sentence, fields),
  warn: (fields, sentence) => console.warn(sentence, fields),
  error: (fields, sentence) => console.error(sentence, fields),
};
