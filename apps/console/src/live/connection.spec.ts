import type { LiveMessage, LiveRequest } from '#protocol';
import { LiveConnection, type Socket } from './connection.js';

class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly sent: LiveRequest[] = [];
  closed = false;
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.closed = true;
  }
  say(message: LiveMessage): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

/** A connection under a clock that is set by hand; `random` gives the whole of each wait. */
function world(ticket: () => Promise<string | null> = async () => 'T') {
  let now_ms = 0;
  let timers: { at_ms: number; work: () => void }[] = [];
  const sockets: FakeSocket[] = [];
  const heard: string[] = [];
  let over = 0;
  const connection = new LiveConnection({
    openSocket: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    ticket,
    heard: (topic, why) => heard.push(`${why} ${topic}`),
    over: () => {
      over += 1;
    },
    now_ms: () => now_ms,
    later: (ms, work) => {
      const timer = { at_ms: now_ms + ms, work };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    random: () => 1,
  });
  const passes = (ms: number) => {
    const end_ms = now_ms + ms;
    for (;;) {
      const next = timers.filter(({ at_ms }) => at_ms <= end_ms).sort((a, b) => a.at_ms - b.at_ms)[0];
      if (!next) break;
      timers = timers.filter((timer) => timer !== next);
      now_ms = next.at_ms;
      next.work();
    }
    now_ms = end_ms;
  };
  const last = () => sockets.at(-1) as FakeSocket;
  /** The last socket opens, and the heap takes its hello. */
  const welcome = async () => {
    last().onopen?.();
    await Promise.resolve().then(() => {});
    last().say({ t: 'welcome', beat_ms: 20_000, signed_in: true });
  };
  return { connection, sockets, last, heard, passes, welcome, over: () => over };
}

const cursor = (topic: string, at: string, missed: 'nothing' | 'something' | 'unknown' = 'nothing'): LiveMessage => ({
  t: 'subscribed',
  topics: [{ topic, cursor: at, missed }],
});

test('it connects when something is wanted, says hello with a ticket, subscribes and passes on what it hears', async () => {
  const { connection, sockets, last, heard, welcome } = world();
  expect(sockets).toHaveLength(0);
  connection.want('jobs');
  connection.want('jobs');
  expect([sockets.length, connection.state.kind]).toEqual([1, 'catching_up']);
  await welcome();
  expect(connection.state.kind).toBe('live');
  connection.want('funds');
  expect(last().sent).toEqual([
    { t: 'hello', ticket: 'T' },
    { t: 'subscribe', topics: [{ topic: 'jobs' }] },
    { t: 'subscribe', topics: [{ topic: 'funds' }] },
  ]);
  last().say(cursor('jobs', 'e.0'));
  last().say({ t: 'hints', hints: [{ topic: 'jobs', cursor: 'e.1' }] });
  connection.unwant('jobs');
  expect(last().sent.at(-1)).toEqual({ t: 'unsubscribe', topics: ['jobs'] });
  expect(heard).toEqual(['begun jobs', 'news jobs']);
});

test.each([
  ['nothing', []],
  ['something', ['missed jobs']],
  ['unknown', ['missed jobs']],
] as const)('after a break it goes on where it was; when it missed %s it says %j', async (missed, told) => {
  const { connection, last, heard, passes, welcome, sockets } = world();
  connection.want('jobs');
  await welcome();
  last().say(cursor('jobs', 'e.0'));
  last().say({ t: 'hints', hints: [{ topic: 'jobs', cursor: 'e.7' }] });
  heard.length = 0;
  last().onclose?.({ code: 1006 });
  expect(connection.state.kind).toBe('catching_up');
  passes(500);
  expect(sockets).toHaveLength(2);
  await welcome();
  expect(last().sent.at(-1)).toEqual({ t: 'subscribe', topics: [{ topic: 'jobs', after: 'e.7' }] });
  last().say(cursor('jobs', 'f.0', missed));
  expect(heard).toEqual(told);
});

test('it waits twice as long after each failure, half a minute at most, says since when it is offline, and comes at once when the network does', async () => {
  const { connection, sockets, last, passes, welcome } = world();
  connection.want('jobs');
  const waits: number[] = [];
  for (let i = 0; i < 9; i++) {
    const before = sockets.length;
    last().onclose?.({ code: 1006 });
    let waited = 0;
    while (sockets.length === before) {
      passes(250);
      waited += 250;
    }
    waits.push(waited);
  }
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  expect(connection.state).toEqual({ kind: 'offline', since_ms: 0 });
  last().onclose?.({ code: 1006 });
  connection.resume();
  await welcome();
  expect(connection.state.kind).toBe('live');
});

test('a heap that has no room is left alone for longer', async () => {
  const { connection, sockets, last, passes } = world();
  connection.want('heap');
  last().onclose?.({ code: 1013 });
  passes(4_900);
  expect(sockets).toHaveLength(1);
  passes(200);
  expect(sockets).toHaveLength(2);
});

test('a heap that says nothing for two beats is gone', async () => {
  const { connection, sockets, last, passes, welcome } = world();
  connection.want('heap');
  await welcome();
  passes(39_000);
  last().say({ t: 'beat' });
  passes(39_000);
  expect(sockets).toHaveLength(1);
  passes(1_500);
  expect([sockets[0]?.closed, sockets.length]).toEqual([true, 2]);
});

test('a sign-in that is over is told, and the next hello carries another ticket', async () => {
  let tickets = 0;
  const { connection, last, passes, welcome, over } = world(async () => `T${++tickets}`);
  connection.want('jobs');
  await welcome();
  last().onclose?.({ code: 4403 });
  expect(over()).toBe(1);
  passes(500);
  await welcome();
  expect(last().sent[0]).toEqual({ t: 'hello', ticket: 'T2' });
});

test('a ticket that cannot be had is a break like any other', async () => {
  const { connection, sockets, last, passes } = world(() => Promise.reject(new Error('down')));
  connection.want('jobs');
  last().onopen?.();
  await new Promise((resolve) => setImmediate(resolve));
  expect(sockets[0]?.closed).toBe(true);
  passes(5_000);
  expect(sockets).toHaveLength(2);
});

test('out of sight it leaves, and back in sight it asks what it missed', async () => {
  const { connection, sockets, last, passes, welcome } = world();
  connection.want('jobs');
  await welcome();
  last().say(cursor('jobs', 'e.3'));
  connection.pause();
  expect([last().closed, connection.state.kind]).toEqual([true, 'idle']);
  passes(600_000);
  connection.want('funds');
  expect(sockets).toHaveLength(1);
  connection.resume();
  await welcome();
  expect(last().sent.at(-1)).toEqual({ t: 'subscribe', topics: [{ topic: 'jobs', after: 'e.3' }, { topic: 'funds' }] });
});

test('for somebody else it begins anew, and what an old socket still says is not heard', async () => {
  const { connection, sockets, last, heard, welcome } = world();
  connection.want('jobs');
  await welcome();
  last().say(cursor('jobs', 'e.3'));
  heard.length = 0;
  connection.restart();
  sockets[0]?.say({ t: 'hints', hints: [{ topic: 'jobs', cursor: 'e.4' }] });
  sockets[0]?.onclose?.({ code: 1006 });
  expect([heard, sockets.length]).toEqual([[], 2]);
  await welcome();
  expect(last().sent.at(-1)).toEqual({ t: 'subscribe', topics: [{ topic: 'jobs' }] });
});

test('with nothing left to hear a break ends it', async () => {
  const { connection, sockets, last, passes, welcome } = world();
  connection.want('jobs');
  await welcome();
  connection.unwant('jobs');
  last().onclose?.({ code: 1006 });
  passes(60_000);
  expect([sockets.length, connection.state.kind]).toEqual([1, 'idle']);
});
