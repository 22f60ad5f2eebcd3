import { runInNewContext } from 'node:vm';
import { EXAMPLES } from './examples.js';
import { readInputs } from './inputs.js';
import { pictureOf } from './picture.js';
import { taskCode } from './task-code.js';

/** The handler and its inputs, as a task would have them. */
function loaded(key: string) {
  const example = EXAMPLES.find((one) => one.key === key);
  if (!example) throw new Error(`there is no example ${key}`);
  const { module } = taskCode(example.source);
  const { values } = readInputs(example.inputs);
  const handler = runInNewContext(`${module?.replace('export default', 'const handler =')}; handler`, {
    ...{ btoa, console: { log: () => undefined }, Uint8Array },
  });
  return { handler, values: values ?? [] };
}

test.each(EXAMPLES.map(({ key }) => key))('the example %s is taken as it stands', (key) => {
  const { values, handler } = loaded(key);
  expect(values.length).toBeGreaterThan(1);
  expect(typeof handler(values[0])).not.toBe('undefined');
});

test('the tiles of the picture cover it once', () => {
  const { handler, values } = loaded('mandelbrot');
  const covered = new Set<string>();
  for (const value of values) {
    const tile = pictureOf({ ...handler(value) });
    if (tile?.kind !== 'pixels' || !tile.tile) throw new Error('a tile is none');
    covered.add(`${tile.tile.x},${tile.tile.y}`);
    expect(tile.tile).toMatchObject({ width: 288, height: 192 });
  }
  expect(covered.size * 48 * 24).toBe(288 * 192);
});
