import { loadConfig } from './config.js';
import { effectiveSettings } from './effective-settings.js';

test('every setting is shown with its source, and no secret with its value', () => {
  const env = {
    DATABASE_URL: 'postgresql://heap:hunter2@127.0.0.1:5432/heap',
    HEAP_AUTH_SECRET: 'a-secret-of-more-than-thirty-two-characters',
    HEAP_ROLES: 'api,worker',
    STRIPE_SECRET_KEY: 'sk_test_verysecret',
    STRIPE_WEBHOOK_SECRETS: 'whsec_verysecret',
    STRIPE_CONNECT_WEBHOOK_SECRETS: 'whsec_verysecret',
    HEAP_PUBLIC_URL: 'https://heap.example.org',
  };
  const settings = effectiveSettings(loadConfig(env), env);
  const of = (variable: string) => settings.find((setting) => setting.variable === variable);
  expect(of('DATABASE_URL')).toMatchObject({ value: 'postgresql://heap:***@127.0.0.1:5432/heap', source: 'environment', secret: false });
  expect(of('HEAP_AUTH_SECRET')).toMatchObject({ value: null, source: 'environment', secret: true });
  expect(of('HEAP_ROLES')).toMatchObject({ value: 'api, worker', source: 'environment' });
  expect(of('HEAP_PORT')).toMatchObject({ value: '7400', source: 'default' });
  expect(of('REDIS_URL')).toMatchObject({ value: null, source: 'default' });
  expect(JSON.stringify(settings)).not.toMatch(/hunter2|verysecret|thirty-two/);
});
