import { FRAME_POLICY } from '#sandbox/browser';

/** Content Security Policy of the console's pages: their own files, and what the sandbox's frame inherits from its page. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `script-src 'self' ${FRAME_POLICY['script-src']}`,
  `worker-src 'self' ${FRAME_POLICY['worker-src']}`,
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
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
