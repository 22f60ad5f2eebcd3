import { encode } from 'uqr';
import css from './invite.module.css';

/** Modules of white around the code, by which scanners find it (ISO/IEC 18004). */
const QUIET_ZONE = 4;

/** A QR code, black on white in light and dark: not every scanner reads it the other way round. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET_ZONE });
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return (
    <svg className={css.qr} viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges" role="img" aria-label={label}>
      <path d={path} />
    </svg>
  );
}
