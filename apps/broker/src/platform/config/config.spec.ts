import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { HeapError } from '#units';
import { loadConfig, publicUrl, readSettings } from './config.js';
import { configurationTable } from './documentation.js';
import { editDistance } from './nearest.js';

const DATABASE_URL = 'postgresql://heap:secret@127.0.0.1:5432/heap';
const complaint = (env: Record<string, string>) => {
  try {
    readSettings({ DATABASE_URL, ...env });
  } catch (error) {
    expect(error).toBeInstanceOf(HeapError);
    return (error as HeapError).message;
  }
  return 'accepted';
};

describe('settings', () => {
  test('have defaults for everything but the database', () => {
    expect(readSettings({ DATABASE_URL })).toMatchObject({
      host: '127.0.0.1',
      port: 7400,
      roles: ['api', 'gateway', 'market', 'worker'],
      currency: 'USD',
      fee_basis_points: 1000,
      redis_url: undefined,
      public_url: undefined,
    });
  });

  test('are read from the environment', () => {
    const env = {
      DATABASE_URL,
      HEAP_PORT: '0',
      HEAP_ROLES: 'worker, api,worker',
      HEAP_PUBLIC_URL: 'https://heap.example.org/',
      HEAP_NAME: '',
    };
    expect(readSettings(env)).toMatchObject({
      port: 0,
      roles: ['worker', 'api'],
      public_url: 'https://heap.example.org',
      name: 'Open Heap',
    });
  });

  test.each([
    [{ HEAP_PORT: '70000' }, 'HEAP_PORT is "70000": it must be at most 65535. Example: 7400'],
    [{ HEAP_PORT: '-1' }, 'HEAP_PORT is "-1": it must be a whole number. Example: 7400'],
    [
      { HEAP_ROLES: 'api,baker' },
      'HEAP_ROLES is "api,baker": each of its words must be one of api, gateway, market, worker. Example: api,gateway',
    ],
    [{ HEAP_CURRENCY: 'dollars' }, 'HEAP_CURRENCY is "dollars": it must be three capital letters. Example: EUR'],
    [{ HEAP_PUBLIC_URL: 'https://a.example/heap' }, 'it must have no path'],
    [{ REDIS_URL: 'localhost:6379' }, 'REDIS_URL is "localhost:6379": it must be an address that begins with redis:// or rediss://'],
    [{ DATABASE_URL: '' }, 'DATABASE_URL is not usable: it is required. Example: postgresql://'],
    [{ DATABASE_URL: 'mysql://me:hunter2@db/heap' }, 'DATABASE_URL is "mysql://me:***@db/heap"'],
    [{ HEAP_PROT: '7400' }, 'HEAP_PROT is not a setting of the heap: did you mean HEAP_PORT?'],
    [{ HEAP_ZZZZZZZZZZ: '1' }, 'HEAP_ZZZZZZZZZZ is not a setting of the heap: docs/configuration.md lists them all.'],
  ])('refuse %j with a sentence', (env, sentence) => {
    expect(complaint(env as unknown as Record<string, string>)).toContain(sentence);
  });

  test('name every wrong variable at once and never repeat a secret', () => {
    const message = complaint({ HEAP_AUTH_SECRET: 'hunter2', HEAP_PORT: 'x' });
    expect(message.split('\n')).toHaveLength(2);
    expect(message).toContain('HEAP_AUTH_SECRET is not usable: it must have at least 32 characters');
    expect(message).not.toContain('hunter2');
  });

  test('of other programs are left alone', () => {
    expect(complaint({ HEAP_URL: 'http://127.0.0.1:7400', HEAP_API_KEY: 'oh_x' })).toBe('accepted');
  });
});

describe('the configuration', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heap config '));
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  test('makes a secret once, readable by its owner only', () => {
    const env = { DATABASE_URL, HEAP_DATA_DIR: path.join(folder, 'data') };
    const first = loadConfig(env);
    expect(first.auth_secret).toMatch(/^[0-9a-f]{64}$/);
    expect(loadConfig(env).auth_secret).toBe(first.auth_secret);
    expect(fs.statSync(path.join(folder, 'data', 'auth-secret')).mode & 0o777).toBe(0o600);
    expect(fs.readdirSync(path.join(folder, 'data'))).toEqual(['auth-secret']);
  });

  test('says so when the data folder cannot be one', () => {
    const file = path.join(folder, 'file');
    fs.writeFileSync(file, '');
    expect(() => loadConfig({ DATABASE_URL, HEAP_DATA_DIR: path.join(file, 'x') })).toThrow(/HEAP_DATA_DIR is .*Name a folder/);
  });

  test('knows where the heap is reached', () => {
    const config = (env: Record<string, string>) => loadConfig({ DATABASE_URL, HEAP_AUTH_SECRET: 'x'.repeat(32), ...env });
    expect(publicUrl(config({ HEAP_PORT: '0' }), 41_000)).toBe('http://127.0.0.1:41000');
    expect(publicUrl(config({ HEAP_HOST: '::1' }))).toBe('http://[::1]:7400');
    expect(publicUrl(config({ HEAP_PUBLIC_URL: 'https://heap.example.org' }))).toBe('https://heap.example.org');
  });
});

describe('payments', () => {
  const whole = {
    DATABASE_URL,
    STRIPE_SECRET_KEY: 'sk_test_secret',
    STRIPE_WEBHOOK_SECRETS: 'whsec_old, whsec_new',
    STRIPE_CONNECT_WEBHOOK_SECRETS: 'whsec_connect',
    HEAP_PUBLIC_URL: 'https://heap.example.org',
  };
  const { STRIPE_SECRET_KEY: _, ...keyless } = whole;

  test('are real when all is given, and simulated when nothing is', () => {
    const config = (env: Record<string, string>) => loadConfig({ ...env, HEAP_AUTH_SECRET: 'x'.repeat(32) });
    expect(config(whole)).toMatchObject({ simulated_payments: false, stripe_webhook_secrets: ['whsec_old', 'whsec_new'] });
    expect(config({ DATABASE_URL }).simulated_payments).toBe(true);
  });

  test.each<[Record<string, string>, RegExp]>([
    [{ ...whole, STRIPE_WEBHOOK_SECRETS: '' }, /^STRIPE_SECRET_KEY is set and STRIPE_WEBHOOK_SECRETS is not: .* Example: whsec_…$/],
    [{ ...whole, STRIPE_CONNECT_WEBHOOK_SECRETS: '' }, /^STRIPE_SECRET_KEY is set and STRIPE_CONNECT_WEBHOOK_SECRETS is not/],
    [{ ...whole, HEAP_PUBLIC_URL: '' }, /^STRIPE_SECRET_KEY is set and HEAP_PUBLIC_URL is not: payers return to it/],
    [keyless, /^STRIPE_WEBHOOK_SECRETS is set and STRIPE_SECRET_KEY is not: set both, or neither to simulate payments\.$/m],
    [{ DATABASE_URL, STRIPE_API_URL: 'http://127.0.0.1:1' }, /^STRIPE_API_URL is set and STRIPE_SECRET_KEY is not/],
  ])('given by half stop the start with a sentence (%#)', (env, sentence) => {
    expect(() => readSettings(env)).toThrow(sentence);
  });

  test('never show a secret, not even a wrong one', () => {
    const wrong = { ...whole, STRIPE_SECRET_KEY: 'hunter2', STRIPE_WEBHOOK_SECRETS: 'hunter3' };
    expect(() => readSettings(wrong)).toThrow(/STRIPE_SECRET_KEY is not usable/);
    expect(() => readSettings(wrong)).not.toThrow(/hunter/);
  });
});

test('docs/configuration.md holds the table of the settings as they are', () => {
  expect(fs.readFileSync('docs/configuration.md', 'utf8')).toContain(configurationTable());
});

test.each([
  ['', 'abc', 3],
  ['kitten', 'sitting', 3],
  ['same', 'same', 0],
])('%j is %j with %i edits', (a, b, edits) => {
  expect(editDistance(a, b)).toBe(edits);
});
