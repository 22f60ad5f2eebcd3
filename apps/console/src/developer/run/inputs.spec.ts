import { INPUTS_MAX, readInputs } from './inputs.js';

test.each([
  ['1\n2\n\n "three" \n', [1, 2, 'three']],
  ['{"a": [1]}', [{ a: [1] }]],
  ['null\r\n5', [null, 5]],
])('lines %j', (text, values) => {
  expect(readInputs({ kind: 'lines', text })).toEqual({ values, fault: null });
});

test.each([
  [{ kind: 'range', from: 1, to: 4, step: 1 } as const, [1, 2, 3, 4]],
  [{ kind: 'range', from: 4, to: 1, step: -2 } as const, [4, 2]],
  [{ kind: 'range', from: 7, to: 7, step: 1 } as const, [7]],
])('%j', (draft, values) => {
  expect(readInputs(draft)).toEqual({ values, fault: null });
});

test.each([
  [{ kind: 'lines', text: '1\nhello' } as const, 'Line 2'],
  [{ kind: 'lines', text: ' \n' } as const, 'no inputs'],
  [{ kind: 'range', from: 1, to: 5, step: 0 } as const, 'never'],
  [{ kind: 'range', from: 1, to: 5, step: -1 } as const, 'never'],
  [{ kind: 'range', from: 0.5, to: 5, step: 1 } as const, 'whole'],
  [{ kind: 'range', from: Number.NaN, to: 5, step: 1 } as const, 'whole'],
  [{ kind: 'range', from: 1, to: 1e9, step: 1 } as const, String(INPUTS_MAX / 1000)],
])('%j is told what is wrong', (draft, fault) => {
  expect(readInputs(draft)).toEqual({ values: null, fault: expect.stringContaining(fault) });
});
