import { FakeStripe } from '../support/fake-stripe/fake-stripe.js';
import { ROUTES } from '../support/fake-stripe/routes.js';
import { SHAPES } from '../support/fake-stripe/shapes.js';
import { newPayment, stripeProvider } from './providers.js';

let fake: FakeStripe;
beforeAll(async () => {
  fake = await FakeStripe.start();
});
afterAll(() => fake?.stop());

test.each<[string, string, string]>([
  ['a name it does not have', 'amount=5&colour=red', 'colour'],
  ['a name below one it has', 'line_items[0][price_data][colour]=red', 'line_items[][price_data][colour]'],
])("the fake refuses what Stripe's own types do not have: %s", async (_, body, name) => {
  const path = name.startsWith('line_items') ? 'checkout/sessions' : 'transfers';
  const headers = { 'content-type': 'application/x-www-form-urlencoded', authorization: 'Bearer sk_test_fake' };
  const response = await fetch(`${fake.url}/v1/${path}`, { method: 'POST', headers, body });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { code: 'parameter_unknown', message: `Received unknown parameter: ${name}` } });
  expect(fake.effects).toEqual([]);
});

test('every request that changes something is held against a shape', () => {
  const examples = ROUTES.filter(([method]) => method === 'POST').map(([, pattern]) => pattern.source.replaceAll('\\/', '/').slice(1, -1));
  for (const path of examples) {
    const there = path.replace('(\\w+)', 'tr_1').replace('\\w+', 'tr_1');
    expect([there, SHAPES.some(([pattern]) => pattern.test(there))]).toEqual([there, true]);
  }
});

test('an answer that is on its way arrives when it is let go, and not before', async () => {
  const delay = fake.faults.delay('POST /v1/checkout/sessions');
  const asked = stripeProvider(fake).requestPayment('a key', newPayment(5_000_000n));
  await delay.arrived;
  // The payment is there; only its answer is not.
  expect(fake.world.sessions.size).toBe(1);
  delay.release();
  expect(await asked).toMatchObject({ state: 'open', amount: 5_000_000n });
});
