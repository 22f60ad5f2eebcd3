import { once } from 'node:events';
import { eventStream, type StreamEvent } from './event-stream.js';

/** Events one after the other, then silence until the reader has left. */
function source(count: number) {
  let end: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  async function* open(signal: AbortSignal): AsyncGenerator<StreamEvent> {
    try {
      for (let n = 1; n <= count; n++) yield { id: n, event: 'result', data: n };
      if (!signal.aborted) await once(signal, 'abort');
    } finally {
      end();
    }
  }
  return { open, ended };
}

test.each([
  ['waits for news', 1],
  ['has more than was read', 1_000_000],
])(
  'a reader that leaves while its source %s ends the source at once',
  async (_, count) => {
    const { open, ended } = source(count);
    const stream = eventStream(open).getStream();
    let text = '';
    for await (const part of stream) {
      text += part;
      if (text.includes('data: 1\n')) break;
    }
    await ended;
    expect(text.startsWith(':\n\nid: 1\nevent: result\ndata: 1\n\n')).toBe(true);
  },
  5_000,
);

test('a source that fails ends the stream with its error', async () => {
  const stream = eventStream(async function* () {
    yield { event: 'result', data: 1 };
    throw new Error('no more');
  }).getStream();
  const read = (async () => {
    for await (const _ of stream);
  })();
  await expect(read).rejects.toThrow('no more');
});

test('events that come together are written together, in their order', async () => {
  const parts: string[] = [];
  const stream = eventStream(async function* () {
    yield [1, 2].map((n) => ({ id: n, event: 'result', data: n }));
    yield { event: 'end', data: 'over' };
  }).getStream();
  stream.on('data', (part: Buffer) => parts.push(String(part)));
  await once(stream, 'end');
  const result = (n: number) => `id: ${n}\nevent: result\ndata: ${n}\n\n`;
  expect(parts).toEqual([':\n\n', result(1) + result(2), 'event: end\ndata: "over"\n\n']);
});
