import { type Access, ROUTES, type Route } from '#protocol';
import { call } from '../support/api.js';
import { startBroker, type TestBroker } from '../support/broker.js';
import { FakeNode, type FakeSession } from '../support/fake-node.js';

type Caller = 'nobody' | 'owner' | 'developer' | 'admin' | 'node';

/** Who gets past the door, by what the route says; everybody else is refused before anything is read. */
const ADMITTED: Readonly<Record<Access, readonly Caller[]>> = {
  public: ['nobody', 'owner', 'developer', 'admin', 'node'],
  person: ['owner', 'developer', 'admin'],
  owner: ['owner'],
  developer: ['developer'],
  admin: ['admin'],
  node: ['node'],
  'person-or-node': ['owner', 'developer', 'admin', 'node'],
};
const CALLERS = ADMITTED.public;
/** What the door says; a deed that refuses for its own reasons says something else. */
const REFUSED = /^(Send an API key as|This is for |These credentials may not)/;

let broker: TestBroker;
let session: FakeSession;
const tokens = new Map<Caller, string>();

beforeAll(async () => {
  broker = await startBroker({ HEAP_CALLER_REQUESTS_PER_MINUTE: '1000000', HEAP_ADDRESS_REQUESTS_PER_MINUTE: '1000000' });
  for (const role of ['admin', 'owner', 'developer'] as const) {
    const person = await broker.person({ name: role, roles: [role], funds_micro: 0n });
    tokens.set(role, person.api_key);
    if (role !== 'owner') continue;
    session = await (await FakeNode.enrol(broker, person)).connect();
    tokens.set('node', session.welcome?.token ?? '');
  }
});
afterAll(async () => {
  await session?.vanish();
  await broker?.close();
});

/** Nothing in a heap has this id: who is let in changes nothing. */
const pathOf = ({ path }: Route) => path.replaceAll(/:\w+/g, '00000000-0000-7000-8000-000000000000');
/** Deeds that need nothing said: those who may are not asked to do them. */
const actsAtOnce = ({ method, params, body }: Route) => method !== 'GET' && (params === undefined || method === 'DELETE') && !body;
/** Never ends by itself. */
const streams = ({ response }: Route) => response === 'event-stream';

test.each(Object.entries(ROUTES) as [string, Route][])('%s lets in whom its entry names, and nobody else', async (_, route) => {
  for (const caller of CALLERS) {
    const admitted = ADMITTED[route.access].includes(caller);
    if (admitted && (actsAtOnce(route) || streams(route))) continue;
    const token = tokens.get(caller);
    const { status, body } = await call(broker.url, route.method, pathOf(route), { ...(token !== undefined && { token }) });
    const refused = (status === 401 || status === 403) && REFUSED.test(body?.message ?? body?.detail ?? '');
    expect([caller, status, refused]).toEqual([caller, status, !admitted]);
  }
});
