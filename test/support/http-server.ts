import { Readable } from 'node:stream';
import { Controller, type DynamicModule, Get, Module, StreamableFile } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pino from 'pino';
import { z } from 'zod';
import { type Route, route } from '#protocol';
import { HeapError } from '#units';
import { type Config, readSettings } from '../../apps/broker/src/platform/config/config.js';
import { ConfigModule } from '../../apps/broker/src/platform/config/config.module.js';
import { type Caller, type PersonCaller } from '../../apps/broker/src/platform/http/caller.js';
import { CallerParam } from '../../apps/broker/src/platform/http/caller-param.js';
import { NODE_AUTHENTICATOR, PERSON_AUTHENTICATOR } from '../../apps/broker/src/platform/http/credentials.js';
import { type Answer, Endpoint } from '../../apps/broker/src/platform/http/endpoint.js';
import { eventStream } from '../../apps/broker/src/platform/http/event-stream.js';
import { HttpModule } from '../../apps/broker/src/platform/http/http.module.js';
import { IdempotencyKey } from '../../apps/broker/src/platform/http/idempotency.js';
import { Input, type InputOf } from '../../apps/broker/src/platform/http/input.js';
import { createAdapter, prepareServer } from '../../apps/broker/src/platform/http/server.js';

const who = z.object({ who: z.string() });
const get = <const P extends string, const A extends Route['access']>(path: P, access: A) =>
  route({ method: 'GET', path, summary: path, access, status: 200, response: who });

const T = {
  open: get('/open', 'public'),
  person: get('/person', 'person'),
  owner: get('/owner', 'owner'),
  admin: get('/admin', 'admin'),
  node: get('/node', 'node'),
  both: get('/both', 'person-or-node'),
  thing: route({
    method: 'POST',
    path: '/things/:thing_id',
    summary: 'All parts of a request',
    access: 'developer',
    status: 201,
    idempotent: true,
    params: z.strictObject({ thing_id: z.uuid() }),
    query: z.strictObject({ dry: z.enum(['yes', 'no']).default('no') }),
    body: z.strictObject({ amount: z.string().regex(/^\d+$/).transform(BigInt) }),
    response: z.object({ seen: z.string() }),
  }),
  put: route({ method: 'PUT', path: '/bytes', summary: 'Bytes in', access: 'person', status: 204, body: 'binary' }),
  bytes: route({ method: 'GET', path: '/bytes', summary: 'Bytes out', access: 'public', status: 200, response: 'binary' }),
  file: route({ method: 'GET', path: '/file', summary: 'A file out', access: 'public', status: 200, response: 'binary' }),
  stream: route({ method: 'GET', path: '/stream', summary: 'Events', access: 'public', status: 200, response: 'event-stream' }),
  fail: route({
    method: 'GET',
    path: '/fail',
    summary: 'Errors',
    access: 'public',
    status: 200,
    query: z.strictObject({ how: z.string() }),
    response: who,
  }),
} as const;

const ERRORS: Readonly<Record<string, () => Error>> = {
  defect: () => new TypeError('password=hunter2 at line 7'),
  internal: () => new HeapError('internal', 'unexpected value "hunter2"', 'platform'),
  funds: () => new HeapError('insufficient_funds', 'Your balance is too small: deposit more.', 'developer', { missing_micro: 5n }),
  area: () => new HeapError('job.not_found', 'There is no such job.', 'user'),
  custom: () => new HeapError('module_unknown', 'Upload the module first.', 'developer'),
  down: () => new HeapError('unavailable', 'The database cannot be reached.', 'platform', { cause: 'connect ECONNREFUSED 10.0.0.7' }),
  full: () => new HeapError('relay_full', 'The relay has no room for this piece now.', 'platform'),
  away: () => new HeapError('piece_unavailable', 'The device that keeps this piece cannot be asked now.', 'owner'),
  zod: () => z.object({ a: z.string() }).safeParse({ a: 1 }).error ?? new Error('accepted'),
};

/** What the handlers saw, for tests to look at. */
export const seen = { bytes: -1, streams_open: 0 };

@Controller()
class TestController {
  @Endpoint(T.open) open(): Answer<typeof T.open> {
    return { who: 'anyone' };
  }
  @Endpoint(T.person) person(@CallerParam() caller: Caller): Answer<typeof T.person> {
    return { who: name(caller) };
  }
  @Endpoint(T.owner) owner(@CallerParam() caller: Caller): Answer<typeof T.owner> {
    return { who: name(caller) };
  }
  @Endpoint(T.admin) admin(@CallerParam() caller: Caller): Answer<typeof T.admin> {
    return { who: name(caller) };
  }
  @Endpoint(T.node) node(@CallerParam() caller: Caller): Answer<typeof T.node> {
    return { who: name(caller) };
  }
  @Endpoint(T.both) both(@CallerParam() caller: Caller): Answer<typeof T.both> {
    return { who: name(caller) };
  }
  @Endpoint(T.thing) thing(@Input() input: InputOf<typeof T.thing>, @IdempotencyKey() key: string): Answer<typeof T.thing> {
    return { seen: `${input.params.thing_id} ${input.query.dry} ${input.body.amount + 1n} ${key}` };
  }
  @Endpoint(T.put) async put(@Input() { body }: InputOf<typeof T.put>): Promise<void> {
    seen.bytes = body.length;
  }
  @Endpoint(T.bytes) bytes(): Uint8Array {
    return new Uint8Array([0, 1, 255]);
  }
  @Endpoint(T.file) file(): StreamableFile {
    return new StreamableFile(Readable.from([Buffer.from('ab'), Buffer.from('c')]));
  }
  @Endpoint(T.stream) stream(): StreamableFile {
    return eventStream(ticks, 20);
  }
  @Endpoint(T.fail) fail(@Input() { query }: InputOf<typeof T.fail>): Answer<typeof T.fail> {
    const error = ERRORS[query.how];
    if (error) throw error();
    return (query.how === 'shape' ? { who: 7 } : { who: 'me', extra: 'secret' }) as unknown as Answer<typeof T.fail>;
  }
  /** Not an endpoint: Nest would serve it to anybody. */
  @Get('/unlisted') unlisted(): string {
    return 'served';
  }
}

async function* ticks(signal: AbortSignal) {
  seen.streams_open++;
  try {
    yield { id: 1, event: 'result', data: { text: 'two\nlines' } };
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  } finally {
    seen.streams_open--;
  }
}

const name = (caller: Caller): string => (caller.kind === 'person' ? caller.person_id : caller.node_id);

const PEOPLE: Readonly<Record<string, PersonCaller>> = {
  oh_owner: { kind: 'person', person_id: 'olga', roles: ['owner'], via: 'api-key', credential_id: 'key' },
  oh_developer: { kind: 'person', person_id: 'dora', roles: ['developer'], via: 'api-key', credential_id: 'key' },
  oh_admin: { kind: 'person', person_id: 'adam', roles: ['admin'], via: 'api-key', credential_id: 'key' },
};

@Module({})
class TestModule {}

/** The HTTP platform with a controller of every kind of route, without a database. */
export async function startTestServer(
  env: Record<string, string> = {},
): Promise<{ app: NestFastifyApplication; url: string; log: string[] }> {
  const settings = readSettings({ DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none', HEAP_CHECK_RESPONSES: 'true', ...env });
  const config: Config = { ...settings, auth_secret: 'x'.repeat(32), simulated_payments: true };
  const log: string[] = [];
  const logger = pino({ level: 'error' }, { write: (line: string) => log.push(line) });
  const module: DynamicModule = {
    module: TestModule,
    global: true,
    imports: [ConfigModule.forRoot(config), HttpModule],
    controllers: [TestController],
    providers: [
      {
        provide: PERSON_AUTHENTICATOR,
        useValue: {
          authenticate: async ({ bearer, cookie }: { bearer?: string; cookie?: string }) =>
            bearer ? PEOPLE[bearer] : cookie === 'session=1' ? PEOPLE.oh_owner : undefined,
        },
      },
      {
        provide: NODE_AUTHENTICATOR,
        useValue: { authenticate: async (token: string) => (token === 'ohn_n' ? { kind: 'node', node_id: 'nina' } : undefined) },
      },
    ],
    exports: [PERSON_AUTHENTICATOR, NODE_AUTHENTICATOR],
  };
  const app = await NestFactory.create<NestFastifyApplication>(module, createAdapter(config, logger), {
    bodyParser: false,
    logger: false,
    abortOnError: false,
  });
  await prepareServer(app, config);
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl(), log };
}
