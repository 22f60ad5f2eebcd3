import { liveRequest } from './live-messages.js';
import { liveTopic } from './live-topics.js';

const ID = '0190a7f0-0000-7000-8000-000000000000';

test.each([
  ['heap', 'heap', null, 'anyone'],
  ['market:work:nano', 'market', 'work:nano', 'anyone'],
  [`job:${ID}`, 'job', ID, 'person'],
  [`node:${ID}`, 'node', ID, 'person'],
  ['earnings', 'earnings', null, 'person'],
  ['admin:log', 'admin:log', null, 'admin'],
])('%s is a topic', (text, name, subject, heard_by) => {
  expect(liveTopic(text)).toMatchObject({ name, subject, heard_by });
});

test.each([
  '',
  ':',
  'job',
  'job:',
  'job:1',
  'node:*',
  `nodes:${ID}`,
  'market',
  'market:work',
  'admin',
  'admin:all',
  '__proto__',
  'toString',
  'Heap',
])('%j is none', (text) => {
  expect(liveTopic(text)).toBeUndefined();
});

test.each([
  { t: 'hello' },
  { t: 'hello', ticket: 1 },
  { t: 'subscribe', topics: [] },
  { t: 'subscribe', topics: ['heap'] },
  { t: 'subscribe', topics: [{ topic: 'heap', more: 1 }] },
  { t: 'subscribe', topics: Array.from({ length: 65 }, () => ({ topic: 'heap' })) },
  { t: 'unsubscribe', topics: ['x'.repeat(65)] },
  { t: 'else' },
])('%j is no message', (message) => {
  expect(liveRequest.safeParse(message).success).toBe(false);
});
