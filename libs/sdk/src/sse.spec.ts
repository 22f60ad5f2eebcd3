import fc from 'fast-check';
import { EventParser, readEvents, type ServerSentEvent } from './sse.js';

const parse = (...chunks: string[]): ServerSentEvent[] => {
  const parser = new EventParser();
  return chunks.flatMap((chunk) => parser.push(chunk));
};
const event = (data: string, name = 'message', id: string | null = null) => ({ event: name, data, id });

describe('server-sent events', () => {
  test.each([
    ['one event', 'data: a\n\n', [event('a')]],
    ['name and id', 'id: 7\nevent: result\ndata: {}\n\n', [event('{}', 'result', '7')]],
    ['several data lines', 'data: a\ndata: b\n\n', [event('a\nb')]],
    ['the id stays for later events', 'id: 1\ndata: a\n\ndata: b\n\n', [event('a', 'message', '1'), event('b', 'message', '1')]],
    ['comments and unknown fields are nothing', ': hi\nretry: 3\ncolour: red\ndata: a\n\n', [event('a')]],
    ['no space after the colon, and only one is taken', 'data:a\ndata:  b\n\n', [event('a\n b')]],
    ['a field without a colon', 'data\n\n', [event('')]],
    ['an event without data is none', 'event: result\n\ndata: a\n\n', [event('a')]],
    ['an unfinished event is none', 'data: a\n', []],
    ['carriage returns', 'data: a\r\rdata: b\r\n\r\n', [event('a'), event('b')]],
    ['a byte order mark', '\uFEFFdata: a\n\n', [event('a')]],
  ])('%s', (_, text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  test('however the text is cut, the events are the same', () => {
    const text = 'id: 1\r\nevent: result\r\ndata: {"a":1}\r\n\r\n: ping\n\ndata: x\ndata: y\n\n';
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 8 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), text.length];
        expect(parse(...at.slice(1).map((end, i) => text.slice(at[i], end)))).toEqual(parse(text));
      }),
    );
  });

  test('an endless line is refused', () => {
    expect(() => parse('x'.repeat(9 * 1024 * 1024))).toThrow('8 MiB');
  });

  test('silence ends a stream, and the connection is closed', async () => {
    let cancelled = false;
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('data: a\n\n')),
      cancel: () => {
        cancelled = true;
      },
    });
    const events = readEvents(new Response(body), 20);
    expect((await events.next()).value).toEqual(event('a'));
    await expect(events.next()).rejects.toMatchObject({ code: 'silent' });
    expect(cancelled).toBe(true);
  });
});
