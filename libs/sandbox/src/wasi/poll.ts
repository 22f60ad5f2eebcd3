import type { Call, World } from './calls.js';
import { ERRNO, Fault, fault } from './errno.js';

const SUBSCRIPTIONS_MAX = 64;
const SUBSCRIPTION_FUEL = 10_000;
const SUBSCRIPTION_BYTES = 48;
const EVENT_BYTES = 32;
const CLOCK = 0;

/** Sleeping moves the clock, nothing else; reading and writing are always ready. */
export function pollCalls({ guest, descriptors }: World): Record<string, Call> {
  const errorOf = (fd: number): number => {
    try {
      descriptors.get(fd);
      return ERRNO.success;
    } catch (error) {
      if (error instanceof Fault) return error.errno;
      throw error;
    }
  };
  return {
    poll_oneoff(subscriptions: number, events: number, count: number, stored: number) {
      if (count === 0 || count >>> 0 > SUBSCRIPTIONS_MAX) fault('inval');
      guest.check(subscriptions, count * SUBSCRIPTION_BYTES);
      guest.check(events, count * EVENT_BYTES);
      guest.charge(count * SUBSCRIPTION_FUEL);
      const view = guest.data();
      const now = guest.now();
      const wanted = Array.from({ length: count }, (_, i) => {
        const at = (subscriptions >>> 0) + i * SUBSCRIPTION_BYTES;
        const user_data = view.getBigUint64(at, true);
        const type = view.getUint8(at + 8);
        if (type > 2) fault('inval');
        if (type !== CLOCK) return { user_data, type, error: errorOf(view.getUint32(at + 16, true)), due: now };
        const timeout = view.getBigUint64(at + 24, true);
        const absolute = (view.getUint16(at + 40, true) & 1) === 1;
        return { user_data, type, error: 0, due: absolute ? timeout : now + timeout };
      });
      const first = wanted.reduce((least, { due }) => (due < least ? due : least), wanted[0]?.due ?? now);
      guest.sleepUntil(first);
      const ready = wanted.filter(({ due }) => due <= first);
      ready.forEach(({ user_data, type, error }, i) => {
        const event = (events >>> 0) + i * EVENT_BYTES;
        guest.slice(event, EVENT_BYTES).fill(0);
        view.setBigUint64(event, user_data, true);
        view.setUint16(event + 8, error, true);
        view.setUint8(event + 10, type);
      });
      guest.put32(stored, ready.length);
    },
  };
}
