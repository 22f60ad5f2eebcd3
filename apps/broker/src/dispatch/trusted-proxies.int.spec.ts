// @own-process: attempts to sign in are counted in the process, by address.
import { call } from '../../../../test/support/api.js';
import { startBroker, type TestBroker } from '../../../../test/support/broker.js';
import { FakeNode } from '../../../../test/support/fake-node.js';
import { ClustersCommands } from '../verification/clusters.commands.js';
import { Door } from './door.js';

let broker: TestBroker | undefined;
const enter = Door.prototype.enter;
afterEach(async () => {
  Door.prototype.enter = enter;
  await broker?.close();
});

const [AMY, BEN] = ['198.51.100.1', '198.51.100.2'] as const;
/** As a balancer sends it whose client had written the first address. */
const from = (address: string) => ({ 'x-forwarded-for': `203.0.113.9, ${address}` });

/** What a broker makes of requests that say where they come from. */
async function heardFrom(trusted: string) {
  const heap = await startBroker({ HEAP_TRUSTED_PROXIES: trusted, HEAP_SIGN_IN_ATTEMPTS_PER_MINUTE: '2' });
  broker = heap;
  const owner = await heap.person();
  const wrong = { email: owner.email, password: 'wrong horse battery' };
  const signIn = (address: string, body = wrong) => call(heap.url, 'POST', '/api/auth/sign-in/email', { body, headers: from(address) });
  const statuses: number[] = [];
  for (const address of [AMY, AMY, AMY, BEN]) statuses.push((await signIn(address)).status);

  const seen: (string | undefined)[] = [];
  Door.prototype.enter = function (this: Door, address: string) {
    seen.push(address);
    return enter.call(this, address);
  };
  const clusters = heap.app.get(ClustersCommands, { strict: false });
  const note = clusters.seen.bind(clusters);
  clusters.seen = (owner_id, address) => {
    seen.push(address);
    return note(owner_id, address);
  };
  const node = await FakeNode.enrol(heap, owner);
  const session = await node.connect({ headers: from(AMY) });
  session.socket.terminate();
  return { statuses, seen };
}

test('behind a trusted balancer everybody has an address of their own: at sign-in, at the door and for clusters', async () => {
  const { statuses, seen } = await heardFrom('192.0.2.0/24,127.0.0.0/8');
  expect(statuses).toEqual([401, 401, 429, 401]);
  expect(seen).toEqual([AMY, AMY]);
});

test('of anybody else the header is ignored', async () => {
  const { statuses, seen } = await heardFrom('192.0.2.0/24');
  expect(statuses).toEqual([401, 401, 429, 429]);
  expect(seen).toEqual(['127.0.0.1', '127.0.0.1']);
});
