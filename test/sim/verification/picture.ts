import { scaleLog } from 'd3-scale';
import { line } from 'd3-shape';
import { LEVEL_RULES } from '#verification';
import { GREED, type Row, RULES, type Rule } from './grid.js';

const SIZE = { width: 860, height: 420, left: 70, right: 150, top: 40, bottom: 370 };
/** What is below is drawn at the foot: a million tasks cannot tell it from nothing. */
const LEAST = 1e-6;
const COLOURS: Readonly<Record<Rule, string>> = { voting: '#b0812c', boinc: '#b34d4d', L1: '#1f5f99', L2: '#3a8a5f', L3: '#6b4fa0' };
const NAMES: Readonly<Record<Rule, string>> = { voting: '2-of-2 voting', boinc: "BOINC's rule", L1: 'L1', L2: 'L2', L3: 'L3' };

/** Wrong results by greed, the most over sleep and rejoining, for each rule; dashes are what a level promises. SVG. */
export function pictureOf(rows: readonly Row[]): string {
  const [{ nodes, tasks, seed, cheaters }] = rows as [Row];
  const x = scaleLog([0.01, 1], [SIZE.left, SIZE.width - SIZE.right]);
  const y = scaleLog([LEAST, 0.1], [SIZE.bottom, SIZE.top]);
  const text = (at: number, to: number, words: string, anchor = 'start', fill = '#333') =>
    `<text x="${at}" y="${to}" text-anchor="${anchor}" fill="${fill}">${words}</text>`;
  const path = line<readonly [number, number]>(
    ([greed]) => x(greed),
    ([, wrong]) => y(Math.max(LEAST, wrong)),
  );
  const curves = RULES.map((rule) => {
    const points = GREED.map((greed) => {
      const wrong = rows.filter((row) => row.rule === rule && row.greed === greed).map((row) => row.wrong);
      return [greed, Math.max(...wrong)] as const;
    });
    const end = y(Math.max(LEAST, points[0]?.[1] ?? 0));
    const promised = rule === 'voting' || rule === 'boinc' ? null : LEVEL_RULES[rule].expected_error;
    const label = rule === 'L3' ? end + 14 : end + 4;
    return [
      promised === null
        ? ''
        : `<line x1="${SIZE.left}" x2="${SIZE.width - SIZE.right}" y1="${y(promised)}" y2="${y(promised)}" stroke="${COLOURS[rule]}" stroke-dasharray="4 4" opacity="0.6"/>`,
      `<path d="${path(points)}" fill="none" stroke="${COLOURS[rule]}" stroke-width="2"/>`,
      ...points.map(([greed, wrong]) => `<circle cx="${x(greed)}" cy="${y(Math.max(LEAST, wrong))}" r="3" fill="${COLOURS[rule]}"/>`),
      text(SIZE.width - SIZE.right + 10, label, NAMES[rule], 'start', COLOURS[rule]),
    ].join('');
  });
  const title = 'Wrong results among final ones, by how often cheaters cheat';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" font-family="sans-serif" font-size="12" fill="#333" role="img" aria-label="${title}">`,
    `<title>${title}</title>`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    text(
      SIZE.left,
      20,
      `${title}: ${cheaters * 100} % of ${nodes.toLocaleString('en')} nodes together, ${tasks.toLocaleString('en')} tasks, seed ${seed}`,
    ),
    ...[1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1].map(
      (tick) =>
        `<line x1="${SIZE.left}" x2="${SIZE.width - SIZE.right}" y1="${y(tick)}" y2="${y(tick)}" stroke="#e4e4e4"/>` +
        text(SIZE.left - 8, y(tick) + 4, tick === LEAST ? '≤ 1e-6' : tick.toExponential(0).replace('e-', ' e-').replace(' ', ''), 'end'),
    ),
    ...curves,
    ...GREED.map((greed) => text(x(greed), SIZE.bottom + 18, String(greed), 'middle')),
    text((SIZE.left + SIZE.width - SIZE.right) / 2, SIZE.bottom + 38, 'greed: the chance that a cheater lies about a task', 'middle'),
    '</svg>',
    '',
  ].join('\n');
}
