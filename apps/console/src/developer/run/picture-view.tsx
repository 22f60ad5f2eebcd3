import { Button, Group, Stack } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { RUN } from '../../text/run.en.js';
import { saveAs } from '../save.js';
import type { Picture } from './picture.js';
import css from './picture-view.module.css';
import type { Pictures } from './pictures.js';

/** Single pictures that are drawn at a time. */
const ALONE_MAX = 24;

async function drawOn(canvas: HTMLCanvasElement, picture: Picture, x: number, y: number): Promise<void> {
  const context = canvas.getContext('2d');
  if (picture.kind === 'pixels') {
    context?.putImageData(new ImageData(picture.rgba, picture.width, picture.height), x, y);
    return;
  }
  const bitmap = await createImageBitmap(new Blob([picture.bytes], { type: picture.type })).catch(() => null);
  if (bitmap === null) return;
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  bitmap.close();
}

/** What the results look like: tiles are put together as they come, other pictures stand side by side. */
export function PictureView({ pictures, total }: { pictures: Pictures; total: number }) {
  const { whole, tiles, alone } = pictures;
  return (
    <Stack gap="sm">
      {whole && <Whole whole={whole} tiles={tiles} total={total} />}
      {alone.length > 0 && (
        <Group gap="sm" align="flex-start">
          {alone.slice(-ALONE_MAX).map((picture, i) => (
            <Alone key={i} picture={picture} />
          ))}
        </Group>
      )}
    </Stack>
  );
}

function Whole({ whole, tiles, total }: { whole: { width: number; height: number }; tiles: readonly Picture[]; total: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = useRef(new WeakSet<Picture>());
  useEffect(() => {
    const place = canvas.current;
    if (place === null) return;
    // Setting the size clears it.
    if (place.width !== whole.width || place.height !== whole.height) {
      place.width = whole.width;
      place.height = whole.height;
      drawn.current = new WeakSet();
    }
    for (const tile of tiles) {
      if (drawn.current.has(tile) || tile.kind !== 'pixels' || tile.tile === null) continue;
      drawn.current.add(tile);
      void drawOn(place, tile, tile.tile.x, tile.tile.y);
    }
  }, [whole.width, whole.height, tiles]);
  const save = () => canvas.current?.toBlob((blob) => blob && saveAs(blob, 'picture.png'));
  return (
    <Stack gap="xs" align="flex-start">
      <canvas
        ref={canvas}
        className={`${css.canvas} ${css.whole}`}
        role="img"
        aria-label={RUN.results.picture_label(whole.width, whole.height, tiles.length, total)}
      />
      <Button variant="default" size="sm" onClick={save}>
        {RUN.results.download_picture}
      </Button>
    </Stack>
  );
}

function Alone({ picture }: { picture: Picture }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const place = canvas.current;
    if (place === null) return;
    if (picture.kind === 'pixels') {
      place.width = picture.width;
      place.height = picture.height;
    }
    void drawOn(place, picture, 0, 0);
  }, [picture]);
  const label = picture.kind === 'pixels' ? RUN.results.picture_label(picture.width, picture.height, 1, null) : RUN.results.picture;
  return <canvas ref={canvas} className={`${css.canvas} ${css.small}`} role="img" aria-label={label} />;
}
