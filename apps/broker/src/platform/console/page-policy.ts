import { FRAME_POLICY } from '#sandbox/browser';

const COMMON = [
  "default-src 'none'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
];

/** Content Security Policy of the agent's pages: their own files, and what the sandbox's frame inherits from its page. */
export const PAGE_POLICY = [
  ...COMMON,
  `script-src 'self' ${FRAME_POLICY['script-src']}`,
  `worker-src 'self' ${FRAME_POLICY['worker-src']}`,
  "style-src 'self'",
  "img-src 'self'",
].join('; ');

/**
 * Of the console: its own files, WebAssembly of theirs (the erasure code, ADR 42), style sheets that its scripts make with the nonce of this
 * answer, and pictures that it draws of results.
 * @param nonce Random, for one answer.
 */
export const consolePolicy = (nonce: string): string =>
  [
    ...COMMON,
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' blob: data:",
    "font-src 'self'",
  ].join('; ');

/** What of the device a page may use; everything else that asks its user is off. */
export const PERMISSIONS_POLICY = [
  'screen-wake-lock=(self)',
  'gamepad=(self)',
  ...[
    'accelerometer',
    'camera',
    'display-capture',
    'geolocation',
    'gyroscope',
    'hid',
    'microphone',
    'midi',
    'payment',
    'serial',
    'usb',
  ].map((feature) => `${feature}=()`),
].join(', ');
