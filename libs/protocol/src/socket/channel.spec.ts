import fc from 'fast-check';
import { Channel } from './channel.js';

const fresh = (s: number, a?: number) => ({ s, a });

function send(c: Channel, text = 'x'.repeat(10), ages_at_ms: number | null = null): number {
  const { s = 0 } = c.envelope('state', { leases: [] });
  c.keep(s, text, Buffer.byteLength(text), ages_at_ms);
  return s;
}

function drained(c: Channel): string[] {
  const texts: string[] = [];
  for (let text = c.next(); text !== undefined; text = c.next()) texts.push(text);
  return texts;
}

describe('Channel', () => {
  test('numbers reliable messages from 1 and leaves the others unnumbered', () => {
    const c = new Channel();
    expect(c.envelope('hb', { running: 0 }).s).toBeUndefined();
    expect(c.envelope('state', { leases: [] }).s).toBe(1);
    expect(c.envelope('state', { leases: [] }).s).toBe(2);
  });

  test('a duplicate is told apart from a gap, and neither moves the count', () => {
    const c = new Channel();
    expect([fresh(1), fresh(2), fresh(2), fresh(1), fresh(4), fresh(3)].map((m) => c.receive(m))).toEqual([
      'fresh',
      'fresh',
      'duplicate',
      'duplicate',
      'gap',
      'fresh',
    ]);
    expect(c.highest_received).toBe(3);
  });

  test('an acknowledgement is due after eight messages and is paid by anything sent', () => {
    const c = new Channel();
    for (let s = 1; s <= 7; s++) c.receive(fresh(s));
    expect(c.ackDue).toBe(false);
    c.receive(fresh(8));
    expect(c.ackDue).toBe(true);
    expect(c.envelope('ack', {}).a).toBe(8);
    expect(c.ackDue).toBe(false);
  });

  test('the window closes at 64 messages and a forged acknowledgement does not open it', () => {
    const c = new Channel();
    for (let i = 0; i < 64; i++) send(c);
    expect(c.windowOpen).toBe(false);
    c.receive({ a: 65 });
    expect(c.windowOpen).toBe(false);
    c.receive({ a: 1 });
    expect(c.windowOpen).toBe(true);
  });

  test('what is beyond the window waits for an acknowledgement, in order', () => {
    const c = new Channel();
    for (let i = 1; i <= 100; i++) send(c, `m${i}`);
    expect(drained(c)).toHaveLength(64);
    c.receive({ a: 2 });
    expect(drained(c)).toEqual(['m65', 'm66']);
  });

  test('the window closes at a mebibyte of UTF-8', () => {
    const c = new Channel();
    send(c, 'ä'.repeat(400 * 1024));
    send(c, '€'.repeat(400 * 1024));
    send(c, 'late');
    expect(c.windowOpen).toBe(false);
    expect(c.unacknowledged.bytes).toBe(2 * 400 * 1024 + 3 * 400 * 1024 + 4);
    expect(drained(c)).toHaveLength(1);
  });

  test('a message larger than the window goes alone', () => {
    const c = new Channel();
    send(c, 'x'.repeat(1024 * 1024 + 1));
    expect(drained(c)).toHaveLength(1);
  });

  test('after a cut everything above what the peer has goes out again, what aged as its number only', () => {
    const c = new Channel();
    send(c, 'one');
    send(c, 'two', 1_000);
    send(c, 'three');
    send(c, 'four', 5_000);
    expect(drained(c)).toHaveLength(4);
    expect(c.resume(1, 2_000)).toBe(true);
    expect(drained(c)).toEqual(['{"v":1,"t":"skip","s":2,"b":{}}', 'three', 'four']);
  });

  test.each([
    ['more than was sent', 3],
    ['less than was acknowledged', 0],
  ])('a peer that claims %s is not the peer of this session', (_, h) => {
    const c = new Channel();
    send(c);
    send(c);
    c.receive({ a: 1 });
    expect(c.resume(h, 0)).toBe(false);
  });

  test('whatever is cut wherever, each message arrives once and in order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(40), fc.nat(40), fc.nat(40), fc.boolean()), { maxLength: 30 }), (rounds) => {
        const [a, b] = [new Channel(), new Channel()];
        const arrived: number[] = [];
        let sent = 0;
        for (const [count, delivered, acks_delivered, cut] of rounds) {
          for (let i = 0; i < count; i++) send(a, String(++sent));
          const under_way = drained(a);
          for (const text of under_way.slice(0, delivered)) {
            const receipt = b.receive({ s: Number(text) });
            expect(receipt).not.toBe('gap');
            if (receipt === 'fresh') arrived.push(Number(text));
          }
          // What did not arrive was lost with the connection; of the acknowledgements too.
          if (acks_delivered > 20) a.receive({ a: b.highest_received });
          if (cut || delivered < under_way.length) expect(a.resume(b.highest_received, 0)).toBe(true);
        }
        a.resume(b.highest_received, 0);
        for (let texts = drained(a); texts.length > 0; texts = drained(a)) {
          for (const text of texts) if (b.receive({ s: Number(text) }) === 'fresh') arrived.push(Number(text));
          a.receive({ a: b.highest_received });
        }
        expect(arrived).toEqual(Array.from({ length: sent }, (_, i) => i + 1));
        expect(a.unacknowledged).toEqual({ messages: 0, bytes: 0 });
      }),
      { seed: 4408, numRuns: 200 },
    );
  });
});
