import { withoutPasskeys } from './without-passkeys.js';

test.each([
  ['heap.example.org', true, true, null],
  ['localhost', true, true, null],
  ['heap.example.org', true, false, 'browser'],
  ['heap.local', false, true, 'address'],
  ['127.0.0.1', true, true, 'address'],
  ['[::1]', true, true, 'address'],
] as const)('at %s, secure %s, able %s: %s', (host, secure, able, why) => {
  expect(withoutPasskeys({ host, secure, able })).toBe(why);
});
