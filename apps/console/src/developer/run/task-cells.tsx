import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { RUN } from '../../text/run.en.js';
import css from './task-cells.module.css';

interface Props {
  total: number;
  /** Of settled tasks by index, whether they failed. */
  settled: ReadonlyMap<number, boolean>;
}

const GAP = 2;
const CELLS_MAX = 2_500;
const SIDE = { least: 5, most: 18 } as const;
const HEIGHT_MAX = 220;

/** A cell for each task, or for a few of them where there are many: the picture of how far a job is. */
export function TaskCells({ total, settled }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme();
  const failed = [...settled.values()].filter(Boolean).length;
  useEffect(() => {
    const place = canvas.current;
    if (place === null) return;
    const draw = () => drawCells(place, total, settled);
    const room = new ResizeObserver(draw);
    room.observe(place.parentElement ?? place);
    draw();
    return () => room.disconnect();
  }, [total, settled, scheme]);
  return (
    <div className={css.frame}>
      <canvas ref={canvas} role="img" aria-label={RUN.progress.cells(settled.size - failed, failed, Math.max(0, total - settled.size))} />
    </div>
  );
}

/** As large as the room allows, in rows from the first task on. */
function layout(cells: number, width: number): { side: number; columns: number; rows: number } {
  for (let side: number = SIDE.most; side > SIDE.least; side--) {
    const columns = Math.max(1, Math.floor((width + GAP) / (side + GAP)));
    const rows = Math.ceil(cells / columns);
    if (rows * (side + GAP) <= HEIGHT_MAX) return { side, columns, rows };
  }
  const columns = Math.max(1, Math.floor((width + GAP) / (SIDE.least + GAP)));
  return { side: SIDE.least, columns, rows: Math.ceil(cells / columns) };
}

function drawCells(place: HTMLCanvasElement, total: number, settled: ReadonlyMap<number, boolean>): void {
  const context = place.getContext('2d');
  const width = place.parentElement?.clientWidth ?? 0;
  if (context === null || width === 0 || total === 0) return;
  const each = Math.ceil(total / CELLS_MAX);
  const cells = Math.ceil(total / each);
  const { side, columns, rows } = layout(cells, width);
  const height = rows * (side + GAP) - GAP;
  const ratio = window.devicePixelRatio || 1;
  place.width = Math.round(width * ratio);
  place.height = Math.round(height * ratio);
  place.style.width = `${width}px`;
  place.style.height = `${height}px`;
  context.scale(ratio, ratio);
  const [done, bad, open] = ['--accent', '--danger', '--line'].map((name) => colourOf(place, name));
  for (let cell = 0; cell < cells; cell++) {
    const of = Math.min(each, total - cell * each);
    let [here, wrong] = [0, 0];
    for (let index = cell * each; index < cell * each + of; index++) {
      const outcome = settled.get(index);
      if (outcome !== undefined) here++;
      if (outcome) wrong++;
    }
    const [x, y] = [(cell % columns) * (side + GAP), Math.floor(cell / columns) * (side + GAP)];
    context.fillStyle = open ?? '';
    context.fillRect(x, y, side, side);
    context.fillStyle = (wrong > 0 ? bad : done) ?? '';
    // A cell of several tasks fills from below.
    const filled = (side * here) / of;
    context.fillRect(x, y + side - filled, side, filled);
  }
}

/** What a name of `ui/tokens.css` stands for here and now. */
function colourOf(near: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  near.parentElement?.append(probe);
  probe.style.color = `var(${name})`;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
