import { formatMajor } from '#units';

export interface Bar {
  low_micro: bigint;
  high_micro: bigint;
  open_micro: bigint;
  close_micro: bigint;
  volume: number;
}

const ROWS = 8;
/** Eighths of a cell, from nothing to all of it. */
const EIGHTHS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** Prices as candles of text, a column each: the body from open to close is thick, what lies between low and high thin; below it the volume. */
export function priceChart(bars: readonly Bar[]): string {
  const least = bars.reduce((low, bar) => (bar.low_micro < low ? bar.low_micro : low), bars[0]?.low_micro ?? 0n);
  const most = bars.reduce((high, bar) => (bar.high_micro > high ? bar.high_micro : high), least);
  const row = (micro: bigint) => (most === least ? 0 : Math.round((Number(micro - least) / Number(most - least)) * (ROWS - 1)));
  const levels = Array.from({ length: ROWS }, (_, i) => ROWS - 1 - i);
  const drawn = most === least ? [0] : levels;
  const labels = drawn.map((level) => (level === 0 ? formatMajor(least) : level === ROWS - 1 ? formatMajor(most) : ''));
  const width = Math.max(...labels.map((label) => label.length));
  const lines = drawn.map((level, i) => `${(labels[i] ?? '').padStart(width)} ┤${bars.map((bar) => cell(bar, level, row)).join('')}`);
  const volume_most = Math.max(...bars.map((bar) => bar.volume));
  const volumes = bars.map(({ volume }) => EIGHTHS[Math.ceil((volume / volume_most) * 8)]).join('');
  return [...lines, `${'slots'.padStart(width)} ┤${volumes} ${volume_most}`].join('\n');
}

function cell(bar: Bar, level: number, row: (micro: bigint) => number): string {
  const [from, to] = [row(bar.open_micro), row(bar.close_micro)];
  if (level >= Math.min(from, to) && level <= Math.max(from, to)) return '┃';
  return level >= row(bar.low_micro) && level <= row(bar.high_micro) ? '│' : ' ';
}
