import { microOf, plainOf } from './money-text.js';

test.each<[string, string | null | undefined]>([
  ['', null],
  ['0', '0'],
  ['1', '1000000'],
  ['0.000001', '1'],
  ['12,5', '12500000'],
  ['1.0000001', undefined],
  ['-1', undefined],
  ['1e3', undefined],
  ['free', undefined],
])('"%s" is %s micro-units', (text, micro) => expect(microOf(text)).toBe(micro));

test.each(['0', '1', '999999', '1000000', '12500000'])('%s is read as it was written', (micro) =>
  expect(microOf(plainOf(micro))).toBe(micro),
);
