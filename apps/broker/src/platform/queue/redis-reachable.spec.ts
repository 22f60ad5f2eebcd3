import net, { type AddressInfo } from 'node:net';
import { assertRedisReachable } from './redis-reachable.js';

test('a server that listens is enough; when it is gone a sentence says what to do', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await assertRedisReachable(`redis://user:hunter2@127.0.0.1:${port}/1`);
  await new Promise((resolve) => server.close(resolve));
  const refused = assertRedisReachable(`redis://user:hunter2@127.0.0.1:${port}/1`);
  await expect(refused).rejects.toThrow(new RegExp(`^REDIS_URL names 127\\.0\\.0\\.1:${port}, and no Redis is reached there`));
  await expect(refused).rejects.not.toThrow(/hunter2/);
});
