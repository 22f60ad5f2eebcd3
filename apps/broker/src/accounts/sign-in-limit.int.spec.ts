import { call } from '../../../../test/support/api.js';
import { startBroker } from '../../../../test/support/broker.js';

// A file of its own: the attempts are counted in the process, and other tests sign in from the same address.
test('passwords cannot be tried at will', async () => {
  const strict = await startBroker({ HEAP_SIGN_IN_ATTEMPTS_PER_MINUTE: '3' });
  try {
    const attempt = () =>
      call(strict.url, 'POST', '/api/auth/sign-in/email', { body: { email: 'a@example.org', password: 'wrong wrong' } });
    const answers = [await attempt(), await attempt(), await attempt(), await attempt()];
    expect(answers.map((a) => a.status)).toEqual([401, 401, 401, 429]);
    expect(answers[3]?.body).toMatchObject({ code: 'rate_limited', status: 429 });
  } finally {
    await strict.close();
  }
});
