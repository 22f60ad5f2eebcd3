import { scaleLinear, scaleLog } from 'd3-scale';
import { line } from 'd3-shape';
import { VOLUME_CODES, type VolumeClass } from '#units';
import type { HeapSize, HeapYear } from './heap.js';
import type { TableRow } from './table.js';

const SIZE = { width: 860, height: 420, left: 70, right: 170, top: 40, bottom: 370 };
const LEAST = 1e-18;
const COLOURS: Readonly<Record<VolumeClass, string>> = { small: '#b34d4d', standard: '#1f5f99', cold: '#3a8a5f' };

/**
 * How often a year a segment falls to so many pieces above loss or fewer, for each class and both sizes of events; dots are segments of the heap that was
 * simulated whole. SVG.
 */
export function pictureOf(rows: readonly TableRow[], { class: volume_class, segments, seed }: HeapSize, heap: HeapYear): string {
  const deepest = Math.max(...rows.flatMap(({ class: of, falls }) => falls.map(({ live }) => live - VOLUME_CODES[of].k)));
  const x = scaleLinear([deepest, -1], [SIZE.left, SIZE.width - SIZE.right]);
  const y = scaleLog([LEAST, 100], [SIZE.bottom, SIZE.top]);
  const text = (at: number, to: number, words: string, anchor = 'start', fill = '#333') =>
    `<text x="${at}" y="${to}" text-anchor="${anchor}" fill="${fill}">${words}</text>`;
  const path = line<readonly [number, number]>(
    ([margin]) => x(margin),
    ([, a_year]) => y(Math.max(LEAST, a_year)),
  );
  const curves = rows.map(({ class: of, event_share, falls, annual_loss }) => {
    const points = falls.filter(({ a_year }) => a_year > 0).map(({ live, a_year }) => [live - VOLUME_CODES[of].k, a_year] as const);
    const dashes = event_share === 0.2 ? '' : ' stroke-dasharray="5 4"';
    return (
      `<path d="${path(points)}" fill="none" stroke="${COLOURS[of]}" stroke-width="2"${dashes}/>` +
      text(
        SIZE.width - SIZE.right + 10,
        y(Math.max(LEAST, annual_loss)) + 4,
        `${of}, ${event_share * 100} % events: ${annual_loss.toExponential(0)}`,
        'start',
        COLOURS[of],
      )
    );
  });
  const { k } = VOLUME_CODES[volume_class];
  let fallen = 0;
  const dots = heap.least_live.map((count, live) => {
    fallen += count;
    const margin = live - k;
    if (count === 0 || margin > deepest) return '';
    return `<circle cx="${x(margin)}" cy="${y(fallen / segments)}" r="3" fill="${COLOURS[volume_class]}"/>`;
  });
  const title = 'How often a year a segment falls so near to loss';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" font-family="sans-serif" font-size="12" fill="#333" role="img" aria-label="${title}">`,
    `<title>${title}</title>`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    text(SIZE.left, 20, `${title}: lines by splitting; dots: ${segments.toLocaleString('en')} ${volume_class} segments, seed ${seed}`),
    ...[1e-18, 1e-15, 1e-12, 1e-9, 1e-6, 1e-3, 1].map(
      (tick) =>
        `<line x1="${SIZE.left}" x2="${SIZE.width - SIZE.right}" y1="${y(tick)}" y2="${y(tick)}" stroke="#e4e4e4"/>` +
        text(SIZE.left - 8, y(tick) + 4, tick === 1 ? '1' : tick.toExponential(0), 'end'),
    ),
    ...curves,
    ...dots,
    ...x
      .ticks(8)
      .filter((tick) => tick >= 0)
      .map((tick) => text(x(tick), SIZE.bottom + 18, String(tick), 'middle')),
    text(x(-1), SIZE.bottom + 18, 'lost', 'middle'),
    text((SIZE.left + SIZE.width - SIZE.right) / 2, SIZE.bottom + 38, 'pieces above the k that give the segment back', 'middle'),
    '</svg>',
    '',
  ].join('\n');
}
