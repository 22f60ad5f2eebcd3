import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { HeapError } from '#units';
import { readConfig, SETTINGS } from './config.js';

test('every setting has a default or may be absent', () => {
  const config = readConfig({});
  expect(config).toMatchObject({ HEAP_AGENT_SLOT_CLASS: 'micro', HEAP_LOG_LEVEL: 'info' });
  expect(config.HEAP_AGENT_SLOTS).toBe(Math.max(1, Math.floor(os.availableParallelism() / 2)));
  expect(path.isAbsolute(config.HEAP_AGENT_DIR)).toBe(true);
  expect(config.HEAP_URL).toBeUndefined();
});

test('values are read into their types', () => {
  expect(
    readConfig({
      HEAP_URL: 'https://heap.test:444/some/page',
      HEAP_AGENT_SLOTS: '3',
      HEAP_AGENT_RESERVE_PRICE: '0.0005',
      HEAP_AGENT_KIND: ' board ',
    }),
  ).toMatchObject({ HEAP_URL: 'https://heap.test:444', HEAP_AGENT_SLOTS: 3, HEAP_AGENT_RESERVE_PRICE: 500n, HEAP_AGENT_KIND: 'board' });
});

test.each([
  ['HEAP_URL', 'ftp://heap.test', /begin with http/],
  ['HEAP_URL', 'heap', /begin with http/],
  ['HEAP_AGENT_SLOTS', '0', /at least 1/],
  ['HEAP_AGENT_SLOTS', '1.5', /whole number/],
  ['HEAP_AGENT_SLOTS', '2000', /at most 1024/],
  ['HEAP_AGENT_SLOT_CLASS', 'huge', /nano, micro, small, large/],
  ['HEAP_AGENT_KIND', 'toaster', /phone/],
  ['HEAP_AGENT_RESERVE_PRICE', '-1', /is not an amount/],
  ['HEAP_ENROLMENT_CODE', 'short', /16 characters/],
  ['HEAP_LOG_FORMAT', 'xml', /json or pretty/],
])('%s = "%s" is refused with a sentence', (name, value, sentence) => {
  expect(() => readConfig({ [name]: value })).toThrow(sentence);
  expect(() => readConfig({ [name]: value })).toThrow(HeapError);
});

test('the README names every setting and no other', () => {
  const readme = fs.readFileSync('apps/agent/README.md', 'utf8');
  expect([...readme.matchAll(/^\| `(HEAP_\w+)`/gm)].map((match) => match[1])).toEqual(Object.keys(SETTINGS));
});
