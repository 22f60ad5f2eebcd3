import type { Stripe } from 'stripe';
import { Chance } from '../chaos/chance.js';
import { Story } from './story.js';
import { StripeWorld } from './world.js';

/** `npm run test:storm` has 10,000. */
const EVENTS = Number(process.env.STORM_EVENTS ?? 120);
const COPIES = 3;
const LOST_PERCENT = 5;
const SENDERS = 16;
const SEED = 20_261_121;

/** Delivers events as often as `COPIES`, in an order that has nothing to do with theirs; some never. */
async function storm(world: StripeWorld, events: readonly Stripe.Event[], chance: Chance): Promise<{ sent: number; lost: number }> {
  const kept = events.filter(() => chance.between(1, 100) > LOST_PERCENT);
  const mail = chance.shuffled(Array.from({ length: COPIES }, () => kept).flat());
  const sent = mail.length;
  const sender = async () => {
    for (let event = mail.pop(); event; event = mail.pop()) await world.fake.webhooks.deliver(event);
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
  return { sent, lost: events.length - kept.length };
}

/** The whole story in a world that hears everything in order, or only through storms and the puller. */
async function told(stormy: boolean) {
  const world = await StripeWorld.start({ HEAP_PAYOUT_DAILY_LIMIT_MICRO: '900000000', STRIPE_TIMEOUT_MS: '5000' });
  try {
    const story = new Story(world, new Chance(SEED));
    const weather = new Chance(SEED + 1);
    await story.begin();
    const count = { events: 0, sent: 0, lost: 0 };
    for (const chapter of [() => story.payIn(EVENTS), () => story.payOut()]) {
      const first = world.fake.world.events.length;
      world.fake.webhooks.automatic = !stormy;
      await chapter();
      const events = world.fake.world.events.slice(first);
      count.events += events.length;
      if (stormy) {
        const { sent, lost } = await storm(world, events, weather);
        count.sent += sent;
        count.lost += lost;
        await world.inbox.pull();
      }
      await world.settle();
    }
    // What the chapters set off: transfers that are taken back.
    await world.expectSound();
    return { books: await story.books(), ...count };
  } finally {
    await world.close();
  }
}

test(
  `${EVENTS} events and more, each ${COPIES} times, shuffled, ${LOST_PERCENT} % lost and pulled: the same books as when all is heard in order (I23)`,
  async () => {
    const calm = await told(false);
    const stormy = await told(true);
    expect(stormy.events).toBeGreaterThanOrEqual(EVENTS);
    expect(stormy.lost).toBeGreaterThan(0);
    expect(stormy.sent).toBe((stormy.events - stormy.lost) * COPIES);
    expect(stormy.books).toEqual(calm.books);
    expect(Object.keys(calm.books).length).toBeGreaterThan(12);
  },
  180_000 + EVENTS * 60,
);
