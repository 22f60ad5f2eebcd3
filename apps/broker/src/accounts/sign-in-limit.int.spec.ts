import { call } from '../../../../test/support/api.js';
import { startBroker } from '../../../../test/support/broker.js';

// An address of its own: the attempts are counted in the process, and other tests sign in from this machine's.
const headers = { 'x-forwarded-for': '198.51.100.44' };

test('passwords cannot be tried at will', async () => {
  const strict = await startBroker({ HEAP_SIGN_IN_ATTEMPTS_PER_MINUTE: '3', HEAP_TRUSTED_PROXIES: '127.0.0.0/8' });
  try {
    const attempt = () =>
      call(strict.url, 'POST', '/api/auth/sign-in/email', { body: { email: 'a@example.org', password: 'wrong wrong' }, headers });
    const answers = [await attempt(), await attempt(), await attempt(), await attempt()];
    expect(answers.map((a) => a.status)).toEqual([401, 401, 401, 429]);
    expect(answers[3]?.body).toMatchObject({ code: 'rate_limited', status: 429 });
  } finally {
    await strict.close();
  }
});
