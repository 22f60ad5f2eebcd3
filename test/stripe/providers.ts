import { randomUUID } from 'node:crypto';
import { Database } from '#database';
import type { MoneyProvider, ProviderPayment } from '../../apps/broker/src/platform/provider/money-provider.js';
import { SimulatedProvider } from '../../apps/broker/src/platform/provider/simulated.provider.js';
import { SimulatedStore } from '../../apps/broker/src/platform/provider/simulated.store.js';
import { StripeProvider } from '../../apps/broker/src/platform/provider/stripe.provider.js';
import { freshDatabase } from '../support/database.js';
import { CONNECT_SECRET, FakeStripe, PLATFORM_SECRET } from '../support/fake-stripe/fake-stripe.js';

/** A provider as the conformance suite sees it: the port, and what people outside do. */
export interface ProviderUnderTest {
  provider: MoneyProvider;
  /** The payer pays, where one must. */
  pay: (payment: ProviderPayment) => Promise<void>;
  /** Money that was paid becomes available. */
  clear: () => Promise<void>;
  /** The owner of an account passes the checks. */
  onboard: (account_ref: string) => Promise<void>;
  bankPays: (payout_ref: string) => Promise<void>;
  close: () => Promise<void>;
}

async function simulated(): Promise<ProviderUnderTest> {
  const { url, drop } = await freshDatabase();
  const database = new Database({ url, max: 4 });
  const nothing = async () => {};
  const provider = new SimulatedProvider(new SimulatedStore(database));
  const close = async () => {
    await database.close();
    await drop();
  };
  return { provider, pay: nothing, clear: nothing, onboard: nothing, bankPays: nothing, close };
}

async function stripe(): Promise<ProviderUnderTest> {
  const fake = await FakeStripe.start();
  return {
    provider: stripeProvider(fake),
    pay: async ({ ref }) => void fake.payments.pay(ref),
    clear: async () => fake.clock.advance(3 * 86_400),
    onboard: async (account_ref) => fake.connect.onboard(account_ref),
    bankPays: async (payout_ref) => fake.connect.bankPaid(payout_ref),
    close: () => fake.stop(),
  };
}

export function stripeProvider(fake: FakeStripe, stripe_timeout_ms = 2_000): StripeProvider {
  return new StripeProvider({
    stripe_secret_key: 'sk_test_fake',
    stripe_api_url: fake.url,
    stripe_timeout_ms,
    stripe_webhook_secrets: [PLATFORM_SECRET],
    stripe_connect_webhook_secrets: [CONNECT_SECRET],
    currency: 'USD',
  });
}

export const PROVIDERS: Readonly<Record<MoneyProvider['name'], () => Promise<ProviderUnderTest>>> = { simulated, stripe };

export const newPayment = (amount: bigint) => ({
  deposit_id: randomUUID(),
  person_id: randomUUID(),
  email: 'ada@example.org',
  amount,
  return_url: 'http://127.0.0.1:7400/',
});
