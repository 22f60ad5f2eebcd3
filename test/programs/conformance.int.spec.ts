import { readFileSync } from 'node:fs';
import { conformance } from './conformance.js';

/** Written by `npm run conformance:write`, which belongs to a new METER_ID or a changed program and to nothing else. */
const expected = JSON.parse(readFileSync('test/programs/expected.json', 'utf8')) as ReturnType<typeof conformance>;

describe('the programs of test/programs', () => {
  const got = conformance();

  test('were written down under this meter', () => {
    expect(got.meter_id).toBe(expected.meter_id);
    expect(Object.keys(got.programs)).toEqual(Object.keys(expected.programs));
  });

  test.each(Object.entries(got.programs))('%s has the fuel, output and instrumented bytes it has everywhere', (name, row) => {
    expect(row).toEqual(expected.programs[name]);
    expect(row.verdict).toBe('ok');
  });
});
