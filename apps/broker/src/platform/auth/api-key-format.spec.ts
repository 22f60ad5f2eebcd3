import { API_KEY_START_LENGTH, generateApiKey, isApiKey } from './api-key-format.js';

test('keys have the documented shape and are never the same', () => {
  const keys = Array.from({ length: 500 }, generateApiKey);
  for (const key of keys) expect(key).toMatch(/^oh_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/);
  expect(new Set(keys.map((key) => key.slice(0, API_KEY_START_LENGTH))).size).toBe(500);
});

test('a key is known by its checksum, and any one changed character is noticed', () => {
  const key = generateApiKey();
  expect(isApiKey(key)).toBe(true);
  for (let i = 0; i < key.length; i++) {
    const other = key[i] === 'a' ? 'b' : 'a';
    expect([i, isApiKey(key.slice(0, i) + other + key.slice(i + 1))]).toEqual([i, false]);
  }
});

test.each(['', 'oh_', 'oh_abc', `${generateApiKey()}x`, ` ${generateApiKey()}`, `${generateApiKey()}\n`])('%j is no key', (text) => {
  expect(isApiKey(text)).toBe(false);
});

test('all 62 digits are equally likely', () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 2_000; i++) for (const digit of generateApiKey().slice(16, 59)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  const expected = (2_000 * 43) / 62;
  const chi_squared = [...counts.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  expect(counts.size).toBe(62);
  // 61 degrees of freedom: beyond 140 once in ten million runs; "byte % 62" over all bytes gives about 1,900.
  expect(chi_squared).toBeLessThan(140);
});
