import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveCredentials } from './config.js';

const folder = mkdtempSync(join(tmpdir(), 'heap-profile-'));
const kept = { ...process.env };
const profile = join(folder, 'profile.json');

beforeEach(() => {
  delete process.env.HEAP_URL;
  delete process.env.HEAP_API_KEY;
  process.env.HEAP_PROFILE = profile;
  writeFileSync(profile, JSON.stringify({ url: 'http://127.0.0.1:1', api_key: 'of-profile' }));
});
afterAll(() => {
  process.env = kept;
  rmSync(folder, { recursive: true });
});

describe('where the heap is', () => {
  test('the profile is the last resort', () => {
    expect(resolveCredentials({})).toEqual({ url: 'http://127.0.0.1:1', api_key: 'of-profile' });
  });

  test('the environment goes before it, options before both', () => {
    process.env.HEAP_URL = 'http://127.0.0.1:2/';
    process.env.HEAP_API_KEY = 'of-env';
    expect(resolveCredentials({})).toEqual({ url: 'http://127.0.0.1:2', api_key: 'of-env' });
    expect(resolveCredentials({ url: 'http://127.0.0.1:3', apiKey: 'of-options' })).toEqual({
      url: 'http://127.0.0.1:3',
      api_key: 'of-options',
    });
  });

  test("the profile's key goes to the profile's heap only", () => {
    expect(resolveCredentials({ url: 'http://127.0.0.1:1/' }).api_key).toBe('of-profile');
    expect(resolveCredentials({ url: 'http://elsewhere.example' }).api_key).toBeNull();
  });

  test('none is found', () => {
    process.env.HEAP_PROFILE = join(folder, 'absent.json');
    expect(() => resolveCredentials({})).toThrow('npx heap dev');
  });

  test('a broken profile and a wrong address are said', () => {
    writeFileSync(profile, '{');
    expect(() => resolveCredentials({})).toThrow(profile);
    expect(() => resolveCredentials({ url: 'localhost:80', apiKey: 'k' })).toThrow('write it like http://');
  });
});
