import { renderUnicodeCompact } from 'uqr';
import type { EnrolmentCode } from '#sdk';

/** Modules of white around a QR code, by which scanners find it (ISO/IEC 18004). */
const QUIET_ZONE = 4;

/** How one more device, or many, joins: by its browser, or by the command where it has Node.js. */
export function invitation({ code, expires_at, join_url, join_hint }: EnrolmentCode, heap_url: string, holds = 'once'): string {
  return [
    renderUnicodeCompact(join_url, { border: QUIET_ZONE }),
    `In the device's browser: ${join_url}`,
    ...(join_hint === null ? [] : [`  ${join_hint}`]),
    `With Node.js: npx heap agent ${code} --url ${heap_url}`,
    `Either holds ${holds}, until ${expires_at}.`,
  ].join('\n');
}
