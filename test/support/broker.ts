import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import { Heap } from '#sdk';
import { createApp } from '../../apps/broker/src/app.js';
import { AuditService } from '../../apps/broker/src/money/audit.service.js';
import { type Config, loadConfig } from '../../apps/broker/src/platform/config/config.js';
import { type Answer, call, type SignedUp, signUp } from './api.js';
import { freshDatabase } from './database.js';

export interface TestPerson extends SignedUp {
  api_key: string;
  /** The public SDK with this person's key. */
  heap: Heap;
  /** One request with this person's key. */
  call: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
}

export interface PersonOptions {
  name?: string;
  /** Micro-units to begin with. */
  funds_micro?: bigint;
  roles?: readonly ('owner' | 'developer' | 'admin')[];
}

export interface TestBroker {
  app: NestFastifyApplication;
  config: Config;
  /** Where it listens, without a slash at the end. */
  url: string;
  database_url: string;
  /** As the superuser, whom no right of the application's role stops; int8 comes as bigint. */
  sql: <R extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) => Promise<R[]>;
  /** Somebody with an API key and money. */
  person: (options?: PersonOptions) => Promise<TestPerson>;
  /** The invariants that the ledger audit finds broken, by id; none of a ledger that is right. */
  broken: () => Promise<string[]>;
  close: () => Promise<void>;
}

/** A whole broker on a fresh database and a free port; every answer is checked against its documented shape. */
export async function startBroker(env: Record<string, string> = {}): Promise<TestBroker> {
  const database = await freshDatabase();
  const data_dir = fs.mkdtempSync(path.join(os.tmpdir(), 'heap broker '));
  const config = loadConfig({
    DATABASE_URL: database.url,
    HEAP_DATA_DIR: data_dir,
    HEAP_PORT: '0',
    HEAP_LOG_LEVEL: 'fatal',
    HEAP_CHECK_RESPONSES: 'true',
    HEAP_SIGN_IN_ATTEMPTS_PER_MINUTE: '100000',
    HEAP_DATABASE_POOL: '8',
    HEAP_ROUND_INTERVAL_MS: '20',
    HEAP_DRAIN_MS: '0',
    ...env,
  });
  const app = await createApp(config);
  await app.listen(config.port, config.host);
  const url = await app.getUrl();
  const superuser = new pg.Pool({ connectionString: database.url, max: 4, types: { getTypeParser } });
  superuser.on('error', () => {});
  return {
    app,
    config,
    url,
    database_url: database.url,
    sql: async (text, values = []) => (await superuser.query(text, [...values])).rows,
    person: (options = {}) => person(url, superuser, options),
    broken: async () => {
      const reports = await app.get(AuditService).run();
      return reports.filter(({ breaches }) => breaches.length > 0).map(({ invariant }) => invariant);
    },
    close: async () => {
      await superuser.end();
      await app.close();
      await database.drop();
      fs.rmSync(data_dir, { recursive: true, force: true });
    },
  };
}

/** Another process's worth of broker on the database and data of this one, inside this process. */
export async function startProcess(
  broker: TestBroker,
  env: Record<string, string>,
): Promise<Pick<TestBroker, 'app' | 'url'> & { close: () => Promise<void> }> {
  const config = loadConfig({
    DATABASE_URL: broker.database_url,
    HEAP_DATA_DIR: broker.config.data_dir,
    HEAP_PORT: '0',
    HEAP_LOG_LEVEL: 'fatal',
    HEAP_DATABASE_POOL: '8',
    ...env,
  });
  const app = await createApp(config);
  await app.listen(config.port, config.host);
  return { app, url: await app.getUrl(), close: () => app.close() };
}

const INT8 = 20;
const getTypeParser = ((oid: number, format?: 'text') => (oid === INT8 ? BigInt : pg.types.getTypeParser(oid, format))) as never;

async function person(url: string, superuser: pg.Pool, { name = 'Ada', funds_micro = 10_000_000n, roles }: PersonOptions) {
  const signed_up = await signUp(url, name);
  if (roles) await superuser.query('UPDATE person SET roles = $2 WHERE id = $1', [signed_up.person_id, roles]);
  const { status, body } = await call(url, 'POST', '/v1/api-keys', { token: signed_up.token, body: { name: 'test' } });
  if (status !== 201) throw new Error(`a new API key answered ${status}: ${JSON.stringify(body)}`);
  const api_key: string = body.secret;
  const heap = new Heap({ url, apiKey: api_key });
  if (funds_micro > 0n) await heap.deposit(funds_micro);
  return {
    ...signed_up,
    api_key,
    heap,
    call: (method: string, route: string, sent?: unknown, headers: Record<string, string> = {}) =>
      call(url, method, route, { token: api_key, body: sent, headers }),
  };
}
