import { type Point, stepPath, withPoint } from './line.js';

const points = (...values: number[]): Point[] => values.map((value, i) => ({ at_ms: i * 1_000, value }));

test('money arrives in steps', () => {
  expect(stepPath(points(0, 0, 10), 100, 20)).toBe('M0 20H50V20H100V0');
});

test.each([[[]], [[1]], [[3, 3, 3]]])('there is no line of %j', (values) => {
  expect(stepPath(points(...values), 100, 20)).toBe('');
});

test('equal values in a row keep the first and the last', () => {
  const line = points(1, 1, 1, 1, 2, 2).reduce<readonly Point[]>(withPoint, []);
  expect(line.map(({ at_ms, value }) => [at_ms, value])).toEqual([
    [0, 1],
    [3_000, 1],
    [4_000, 2],
    [5_000, 2],
  ]);
});

test('a long visit is thinned and keeps its ends', () => {
  let line: readonly Point[] = [];
  for (let i = 0; i < 10_000; i++) line = withPoint(line, { at_ms: i, value: i });
  expect(line.length).toBeLessThanOrEqual(120);
  expect([line[0]?.at_ms, line.at(-1)?.at_ms]).toEqual([0, 9_999]);
});
