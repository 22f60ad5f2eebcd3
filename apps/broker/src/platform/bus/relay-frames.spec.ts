import { packed, unpacked } from './relay-frames.js';

test('events go into as few texts as hold them and come out in their order', () => {
  const events = Array.from({ length: 500 }, (_, i) => ['LeaseGranted', { lease_id: `lease ${i}`, job_id: 'ä'.repeat(i % 40) }] as const);
  const frames = packed('me', events);
  expect(frames.every((frame) => Buffer.byteLength(frame) < 8_000)).toBe(true);
  expect(frames.length).toBeGreaterThan(1);
  expect(frames.length).toBeLessThan(20);
  const heard = frames.map(unpacked);
  expect(heard.every((frame) => frame?.from === 'me')).toBe(true);
  expect(heard.flatMap((frame) => frame?.events)).toEqual(events);
});

test('an event that no text can hold is left out, its neighbours are not', () => {
  const frames = packed('me', [
    ['a', 1],
    ['b', 'x'.repeat(8_000)],
    ['c', 3],
  ]);
  expect(frames.flatMap((frame) => unpacked(frame)?.events)).toEqual([
    ['a', 1],
    ['c', 3],
  ]);
});

test.each(['', 'nonsense', 'me[1', '{"a":1}'])('"%s" is no text of the relay', (text) => {
  expect(unpacked(text)).toBeNull();
});
