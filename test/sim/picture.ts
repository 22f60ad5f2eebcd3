import { scaleLinear } from 'd3-scale';
import { area, curveMonotoneX, line } from 'd3-shape';
import { formatMajor } from '#units';
import type { HeapMarket, Minute } from './heap-market.js';

const SIZE = { width: 860, height: 420, left: 70, right: 20, top: 34, split: 290, bottom: 380 };
const STEP = 5;

/** The path of the price with what lay between the lowest and the highest paid, and below it how much of the heap was leased. SVG. */
export function pictureOf({ minutes, settings: { nodes, seed, rush } }: HeapMarket): string {
  const points = thinned(minutes);
  const x = scaleLinear([0, minutes.length / 60], [SIZE.left, SIZE.width - SIZE.right]);
  const top = Math.max(...points.map(({ high }) => high));
  const y = scaleLinear([0, top], [SIZE.split - 24, SIZE.top]).nice();
  const use = scaleLinear([0, 1], [SIZE.bottom, SIZE.split]);
  const price = line<Point>(
    (p) => x(p.hour),
    (p) => y(p.price),
  ).curve(curveMonotoneX);
  const band = area<Point>(
    (p) => x(p.hour),
    (p) => y(p.low),
    (p) => y(p.high),
  ).curve(curveMonotoneX);
  const used = area<Point>(
    (p) => x(p.hour),
    SIZE.bottom,
    (p) => use(p.used),
  );
  const text = (at: number, to: number, words: string, anchor = 'start') =>
    `<text x="${at}" y="${to}" text-anchor="${anchor}">${words}</text>`;
  const rule = (to: number) => `<line x1="${SIZE.left}" x2="${SIZE.width - SIZE.right}" y1="${to}" y2="${to}" stroke="#ddd"/>`;
  const [from, to] = [x(rush.from / 60), x(rush.to / 60)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" font-family="sans-serif" font-size="12" fill="#333" role="img" aria-label="The price of a simulated heap over time">`,
    '<title>The price of a simulated heap over time</title>',
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<rect x="${from}" y="${SIZE.top}" width="${to - from}" height="${SIZE.bottom - SIZE.top}" fill="#fdf1dc"/>`,
    text(from + 6, SIZE.top + 14, 'rush'),
    text(
      SIZE.left,
      18,
      `Price for 10¹² fuel, ${nodes.toLocaleString('en')} nodes, seed ${seed}: mean of each round, and lowest to highest paid`,
    ),
    ...y.ticks(5).map((tick) => rule(y(tick)) + text(SIZE.left - 8, y(tick) + 4, formatMajor(BigInt(Math.round(tick))), 'end')),
    `<path d="${band(points)}" fill="#9ec5e8" opacity="0.6"/>`,
    `<path d="${price(points)}" fill="none" stroke="#1f5f99" stroke-width="1.5"/>`,
    ...[0, 0.5, 1].map((tick) => rule(use(tick)) + text(SIZE.left - 8, use(tick) + 4, `${tick * 100} %`, 'end')),
    `<path d="${used(points)}" fill="#8bbf8b"/>`,
    text(SIZE.left + 6, SIZE.split - 6, 'devices online that are leased'),
    ...x.ticks(12).map((tick) => text(x(tick), SIZE.bottom + 18, `${tick} h`, 'middle')),
    '</svg>',
    '',
  ].join('\n');
}

interface Point {
  hour: number;
  price: number;
  low: number;
  high: number;
  used: number;
}

/** A point for every few minutes: the mean price, and the lowest and highest of them. Stretches without a trade have none. */
function thinned(minutes: readonly Minute[]): Point[] {
  const points: Point[] = [];
  for (let at = 0; at < minutes.length; at += STEP) {
    const stretch = minutes.slice(at, at + STEP);
    const traded = stretch.filter(({ price }) => price !== null);
    if (traded.length === 0) continue;
    points.push({
      hour: at / 60,
      price: traded.reduce((all, { price }) => all + (price as number), 0) / traded.length,
      low: Math.min(...traded.map(({ low }) => low as number)),
      high: Math.max(...traded.map(({ high }) => high as number)),
      used: stretch.reduce((all, { leased, online }) => all + leased / Math.max(1, online), 0) / stretch.length,
    });
  }
  return points;
}
