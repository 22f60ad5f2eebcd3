import { joinLink } from './join-link.js';

test('the code is in the fragment, which reaches no log', () => {
  const { join_url } = joinLink('https://heap.example.org', 'the-code');
  const url = new URL(join_url);
  expect([url.origin, url.pathname, url.search, url.hash]).toEqual(['https://heap.example.org', '/join', '', '#the-code']);
});

test.each([
  ['http://127.0.0.1:7400', /this machine only/],
  ['http://localhost:7400', /this machine only/],
  ['http://[::1]:7400', /this machine only/],
  ['https://heap.localhost', /this machine only/],
  ['http://192.168.1.20:7400', /only on pages that came over https/],
  ['http://127.example.org', /only on pages that came over https/],
])('%s has a hint', (heap_url, expected) => {
  expect(joinLink(heap_url, 'code').join_hint).toMatch(expected);
});

test('a public address with https needs no hint', () => {
  expect(joinLink('https://heap.example.org', 'code').join_hint).toBeNull();
});
