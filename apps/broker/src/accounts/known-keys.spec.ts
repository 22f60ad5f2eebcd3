import { KnownKeys } from './known-keys.js';

const known = (api_key_id: string) => ({
  api_key_id,
  suspended_reason: null,
  caller: { kind: 'person', person_id: 'p', roles: ['owner'], via: 'api-key', credential_id: api_key_id } as const,
});

test('one look-up serves two seconds of requests, those that arrive during it included', async () => {
  const keys = new KnownKeys();
  let look_ups = 0;
  const lookUp = async () => known(String(++look_ups));
  const answers = await Promise.all([keys.get('k', lookUp, 0), keys.get('k', lookUp, 0), keys.get('k', lookUp, 1_999)]);
  expect(answers.map((a) => a?.api_key_id)).toEqual(['1', '1', '1']);
  expect((await keys.get('k', lookUp, 2_000))?.api_key_id).toBe('2');
  expect((await keys.get('other', lookUp, 2_000))?.api_key_id).toBe('3');
});

test('a clock that is set back lengthens nothing', async () => {
  const keys = new KnownKeys();
  let look_ups = 0;
  const lookUp = async () => known(String(++look_ups));
  const [wall, monotonic] = [Date.now, performance.now];
  try {
    [Date.now, performance.now] = [() => 3_600_000, () => 0];
    await keys.get('k', lookUp);
    [Date.now, performance.now] = [() => 0, () => 2_000];
    await keys.get('k', lookUp);
  } finally {
    [Date.now, performance.now] = [wall, monotonic];
  }
  expect(look_ups).toBe(2);
});

test('a key that is not known is not looked up again at once either', async () => {
  const keys = new KnownKeys();
  let look_ups = 0;
  const lookUp = async () => {
    look_ups++;
    return undefined;
  };
  expect([await keys.get('k', lookUp, 0), await keys.get('k', lookUp, 1)]).toEqual([undefined, undefined]);
  expect(look_ups).toBe(1);
});

test('a look-up that failed is forgotten', async () => {
  const keys = new KnownKeys();
  await expect(keys.get('k', () => Promise.reject(new Error('down')), 0)).rejects.toThrow('down');
  expect((await keys.get('k', async () => known('1'), 0))?.api_key_id).toBe('1');
});

test('a revoked key is forgotten and no other', async () => {
  const keys = new KnownKeys();
  await keys.get('a', async () => known('1'), 0);
  await keys.get('b', async () => known('2'), 0);
  await keys.forget('1');
  expect(await keys.get('a', async () => undefined, 1)).toBeUndefined();
  expect((await keys.get('b', async () => undefined, 1))?.api_key_id).toBe('2');
});

test('what is known of a person is forgotten and of nobody else', async () => {
  const keys = new KnownKeys();
  const of = (person_id: string) => ({ ...known(person_id), caller: { ...known(person_id).caller, person_id } });
  await keys.get('a', async () => of('ada'), 0);
  await keys.get('b', async () => of('bob'), 0);
  await keys.forgetPerson('ada');
  expect([await keys.get('a', async () => undefined, 1), (await keys.get('b', async () => undefined, 1))?.api_key_id]).toEqual([
    undefined,
    'bob',
  ]);
});
