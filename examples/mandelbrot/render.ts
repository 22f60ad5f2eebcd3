// Renders the Mandelbrot set by tiles: mandelbrot.c, compiled to WebAssembly, runs once per tile on whatever devices the market finds.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { PNG } from 'pngjs';
import { Heap, HeapError, type Micro } from '#sdk';
import { isMain, root } from '../support.js';

export interface Picture {
  width: number;
  height: number;
  /** Size of a tile in pixels; the program takes up to 10,922 pixels at a time. */
  tile_width: number;
  tile_height: number;
  centre: readonly [re: number, im: number];
  /** Width of the view in the complex plane. */
  scale: number;
  iterations: number;
}

/** Seahorse valley. */
export const PICTURE: Picture = {
  width: 1024,
  height: 768,
  tile_width: 128,
  tile_height: 64,
  centre: [-0.7453, 0.1127],
  scale: 0.0065,
  iterations: 2_000,
};

interface Tile {
  x: number;
  y: number;
  w: number;
  h: number;
}

export function tilesOf({ width, height, tile_width, tile_height }: Picture): Tile[] {
  const tiles: Tile[] = [];
  for (let y = 0; y < height; y += tile_height)
    for (let x = 0; x < width; x += tile_width)
      tiles.push({ x, y, w: Math.min(tile_width, width - x), h: Math.min(tile_height, height - y) });
  return tiles;
}

export interface Rendering {
  job_id: string;
  tiles: number;
  /** The devices that took part. */
  nodes: number;
  cost: Micro;
  fuel_used: number;
}

/** Renders into a PNG file; `onTile` is called as each tile arrives. */
export async function render(heap: Heap, picture: Picture, file: string, onTile?: (done: number, of: number) => void): Promise<Rendering> {
  const { width, height, centre, scale, iterations } = picture;
  const module = await readFile(path.join(root, 'examples/mandelbrot/mandelbrot.wasm'));
  const tiles = tilesOf(picture);
  const specs = tiles.map(({ x, y, w, h }) => [x, y, w, h, width, height, ...centre, scale, iterations].join(' '));
  const png = new PNG({ width, height });
  const run = heap.map<Uint8Array>({ module }, specs, { name: 'mandelbrot', fuelLimit: 2_000_000_000 });
  const nodes = new Set<string>();
  let [done, cost, fuel_used] = [0, 0n, 0];
  for await (const result of run) {
    const tile = tiles[result.index];
    if (!tile) throw new RangeError(`there is no tile ${result.index}`);
    paste(png, tile, result.value);
    nodes.add(result.node);
    cost += result.cost;
    fuel_used += result.fuel_used;
    done++;
    onTile?.(done, tiles.length);
  }
  await mkdir(path.dirname(path.resolve(file)), { recursive: true });
  await writeFile(file, PNG.sync.write(png));
  return { job_id: (await run.job).id, tiles: done, nodes: nodes.size, cost, fuel_used };
}

/** The program writes red, green and blue row by row; a PNG has an opaque fourth channel. */
function paste(png: PNG, { x, y, w, h }: Tile, rgb: Uint8Array): void {
  if (rgb.length !== w * h * 3)
    throw new HeapError('bad_tile', `A tile of ${w} × ${h} pixels came back with ${rgb.length} bytes.`, 'developer');
  for (let row = 0; row < h; row++)
    for (let column = 0; column < w; column++) {
      const from = (row * w + column) * 3;
      png.data.set([rgb[from] ?? 0, rgb[from + 1] ?? 0, rgb[from + 2] ?? 0, 255], ((y + row) * png.width + x + column) * 4);
    }
}

if (isMain(import.meta.url)) {
  const { values } = parseArgs({ options: { out: { type: 'string', default: 'mandelbrot.png' } } });
  const started = performance.now();
  const { tiles, nodes, cost, job_id } = await render(new Heap(), PICTURE, values.out, (done, of) => {
    process.stderr.write(process.stderr.isTTY ? `\r${done} of ${of} tiles` : '');
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.error(
    `${process.stderr.isTTY ? '\r' : ''}${tiles} tiles from ${nodes} device(s) in ${seconds} s for ${cost} micro-units, job ${job_id}`,
  );
  console.log(path.resolve(values.out));
}
