import { Channel } from './channel.js';

const fresh = (s: number, a?: number) => ({ s, a });

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
    for (let i = 0; i < 64; i++) c.recordSent(c.envelope('state', { leases: [] }).s ?? 0, 10);
    expect(c.windowOpen).toBe(false);
    c.receive({ a: 65 });
    expect(c.windowOpen).toBe(false);
    c.receive({ a: 1 });
    expect(c.windowOpen).toBe(true);
  });

  test('the window closes at a mebibyte', () => {
    const c = new Channel();
    c.recordSent(c.envelope('state', { leases: [] }).s ?? 0, 1024 * 1024);
    expect(c.windowOpen).toBe(false);
  });
});
