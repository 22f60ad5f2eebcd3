import { assertSameOrigin } from './same-origin.js';

const PUBLIC = 'https://heap.example.org';
const host = '127.0.0.1:7400';

test.each([
  ['GET', { host, origin: 'https://evil.example' }],
  ['POST', { host }],
  ['POST', { host, origin: `http://${host}` }],
  ['POST', { host, origin: PUBLIC }],
  ['DELETE', { host, 'sec-fetch-site': 'same-origin' }],
  ['POST', { host, 'sec-fetch-site': 'none' }],
])('%s with %j is of this site', (method, headers) => {
  expect(() => assertSameOrigin({ method, headers }, PUBLIC)).not.toThrow();
});

test.each([
  ['POST', { host, origin: 'https://evil.example' }],
  ['POST', { host, origin: 'null' }],
  ['POST', { host, origin: `https://heap.example.org.evil.example` }],
  ['PUT', { host, origin: 'http://127.0.0.1:7401' }],
  ['DELETE', { host, 'sec-fetch-site': 'cross-site' }],
  ['POST', { host, 'sec-fetch-site': 'same-site' }],
])('%s with %j is not', (method, headers) => {
  expect(() => assertSameOrigin({ method, headers }, PUBLIC)).toThrow(/another site/);
});
