import { runInNewContext } from 'node:vm';
import { EXAMPLES } from './examples.js';
import { readInputs } from './inputs.js';
import { pictureOf } from './picture.js';
import { taskCode } from './task-code.js';

const handlerOf = (source: string) =>
  runInNewContext(`${taskCode(source).module?.replace('export default', 'const handler =')}; handler`, {
    ...{ btoa, console: { log: () => undefined }, Uint8Array },
  });

/** The handler, its verifier and its inputs, as the heap would have them. */
function loaded(key: string) {
  const example = EXAMPLES.find((one) => one.key === key);
  if (!example) throw new Error(`there is no example ${key}`);
  const { values } = readInputs(example.inputs);
  return { handler: handlerOf(example.source), verifier: handlerOf(example.verifier), values: values ?? [] };
}

const WRONG: Record<string, object> = {
  squares: { output: 5 },
  mandelbrot: { output: { x: 48, y: 0, width: 48, height: 24, rgb: '' } },
  words: { output: { words: 3, different: 3, most: 'hands', times: 2 } },
  primes: { output: { from: 0, to: 1_000, primes: 169 } },
  failing: { verdict: 'trap' },
};

test.each(EXAMPLES.map(({ key }) => key))('the verifier of the example %s accepts what is right and says why something is not', (key) => {
  const { handler, verifier, values } = loaded(key);
  const right = values
    .filter((input) => !['throw', 'loop', 'memory'].includes(String(input)))
    .map((input) => ({ input, output: handler(input), verdict: 'ok' }));
  expect(right.map((result) => verifier(result))).toEqual(right.map(() => true));
  expect(verifier({ ...right[0], ...WRONG[key] })).toEqual({ accept: false, reason: expect.stringMatching(/../) });
});

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
