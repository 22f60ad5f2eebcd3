import { pictureOf } from './picture.js';

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0);

test('files that a browser draws, as bytes and as data URLs', () => {
  expect(pictureOf(PNG)).toMatchObject({ kind: 'encoded', type: 'image/png' });
  expect(pictureOf(`data:image/png;base64,${Buffer.from(PNG).toString('base64')}`)).toMatchObject({ type: 'image/png' });
  expect(pictureOf(Uint8Array.from(Buffer.from('RIFF0000WEBPVP8 ')))).toMatchObject({ type: 'image/webp' });
});

test('pixels with and without opacity, as base64 and as numbers', () => {
  const rgb = Buffer.from([1, 2, 3, 4, 5, 6]).toString('base64');
  expect(pictureOf({ width: 2, height: 1, rgb })).toMatchObject({ rgba: Uint8ClampedArray.of(1, 2, 3, 255, 4, 5, 6, 255), tile: null });
  expect(pictureOf({ width: 1, height: 1, rgba: [9, 8, 7, 0] })).toMatchObject({ rgba: Uint8ClampedArray.of(9, 8, 7, 0) });
  expect(pictureOf({ width: 1, height: 1, x: 3, y: 1, of: { width: 4, height: 2 }, rgb: [1, 1, 1] })).toMatchObject({
    tile: { x: 3, y: 1, width: 4, height: 2 },
  });
});

test.each([
  [null],
  [7],
  ['data:image/png;base64,!!'],
  ['data:text/html;base64,PGI+'],
  [Uint8Array.of(1, 2, 3)],
  [{ width: 2, height: 2, rgb: [1, 2, 3] }],
  [{ width: 1e6, height: 1e6, rgba: 'AAAA' }],
  [{ width: -1, height: 1, rgba: [] }],
  [{ width: 1, height: 1, rgba: ['1', '2', '3', '4'] }],
  [{ width: 1, height: 1 }],
])('%j is no picture', (value) => {
  expect(pictureOf(value)).toBeNull();
});

test('a tile beyond its picture stands alone', () => {
  expect(pictureOf({ width: 2, height: 1, x: 3, y: 0, of: { width: 4, height: 1 }, rgb: [1, 1, 1, 1, 1, 1] })).toMatchObject({
    tile: null,
  });
});
