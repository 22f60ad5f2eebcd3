// A whole heap on this machine: PostgreSQL, broker, agents, each started again when it dies. What `npm start` runs, and
// what the chaos tests and the benchmarks run.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { prisma } from '../../prisma/prisma.mjs';
import { startPostgres } from './postgres.mjs';
import { supervise } from './supervised.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const built = (file) => path.join(root, 'dist', file);
const LOOK_AFTER_POSTGRES_MS = 500;
const PORTS_TRIED = 5;

export class StartError extends Error {}

/** One heap per folder: the file names the process that runs it, and goes with it. */
function lock(data_dir) {
  const file = path.join(data_dir, 'heap.lock');
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      fs.writeFileSync(file, JSON.stringify({ pid: process.pid }), { flag: 'wx', mode: 0o600 });
      return {
        announce: (url) => fs.writeFileSync(file, JSON.stringify({ pid: process.pid, url }), { mode: 0o600 }),
        release: () => fs.rmSync(file, { force: true }),
      };
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const holder = JSON.parse(fs.readFileSync(file, 'utf8') || '{}');
      if (holder.pid && isAlive(holder.pid))
        throw new StartError(
          `A heap already runs on ${data_dir}${holder.url ? `, at ${holder.url}` : ''} (process ${holder.pid}). Stop it first, or set HEAP_DATA_DIR to another folder.`,
        );
      fs.rmSync(file, { force: true });
    }
  }
  throw new StartError(`Another start on ${data_dir} is under way: try again in a moment.`);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

const isFree = (port, host) =>
  new Promise((resolve) => {
    const server = net.createServer().once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });

async function freePort(wanted, host) {
  for (let port = wanted; port < wanted + 100; port++) if (port === 0 || (await isFree(port, host))) return port;
  throw new StartError(`No free port between ${wanted} and ${wanted + 99}: set HEAP_PORT.`);
}

/**
 * @param {object} options
 * @param {string} options.data_dir Where everything is kept.
 * @param {NodeJS.ProcessEnv} [options.env] Settings as `docs/configuration.md` lists them.
 * @param {number} [options.agents] Agents on this machine.
 * @param {Record<string, string>} [options.agent_env] Settings of the agents.
 * @param {Record<string, string | number>} [options.postgres_settings]
 * @param {(line: string) => void} [options.log]
 */
export async function startHeap({ data_dir, env = process.env, agents = 1, agent_env = {}, postgres_settings = {}, log = () => {} }) {
  const broker_env = brokerSettings(env);
  await checkSettings(broker_env);
  fs.mkdirSync(data_dir, { recursive: true });
  const held = lock(data_dir);
  const stops = [async () => held.release()];
  const stop = async () => {
    for (const undo of stops.splice(0).reverse()) await undo();
  };
  try {
    const logs = path.join(data_dir, 'logs');
    fs.mkdirSync(logs, { recursive: true });
    const database = env.DATABASE_URL ? null : await embeddedPostgres(data_dir, postgres_settings, log);
    if (database) stops.push(database.stop);
    const host = env.HEAP_HOST || '127.0.0.1';
    const port = env.HEAP_PORT ? Number(env.HEAP_PORT) : await freePort(7400, host);
    // The owner of the tables migrates and audits; the broker signs in as somebody who cannot change the journal.
    const owner_url = env.DATABASE_URL || `${database.url}/heap`;

    const migrated_ms = performance.now();
    await migrate(owner_url, path.join(logs, 'migrate.log'));
    const broker_url = database ? await brokerLogin(owner_url, data_dir) : owner_url;
    const settings = { ...broker_env, DATABASE_URL: broker_url, HEAP_DATA_DIR: data_dir, HEAP_PORT: String(port) };
    log(`migrations applied (${Math.round(performance.now() - migrated_ms)} ms)`);
    await promisify(execFile)(process.execPath, [built('apps/broker/src/bootstrap-local.js')], { env: settings }).catch((error) => {
      throw new StartError(error.stderr?.trim() || error.message);
    });
    const { api_key } = JSON.parse(fs.readFileSync(path.join(data_dir, 'local.json'), 'utf8'));

    const { broker, url } = await startBroker(settings, logs, log, env.HEAP_PORT ? 1 : PORTS_TRIED);
    stops.push(() => broker.stop());
    held.announce(url);
    const call = client(url, api_key);
    // A new heap's developer has something to spend; the key makes it happen once.
    if ((await call('GET', '/v1/heap')).simulated_payments)
      await call('POST', '/v1/deposits', { amount_micro: '100000000' }, { 'idempotency-key': 'first-start' });

    const processes = [];
    for (let i = 0; i < agents; i++) {
      const dir = path.join(data_dir, 'agents', String(i));
      const enrolled = fs.existsSync(path.join(dir, 'membership.json'));
      const code = enrolled ? [] : [(await call('POST', '/v1/enrolment-codes', {})).code];
      const agent = supervise({
        name: `agent ${i}`,
        args: [built('apps/agent/src/main.js'), ...code],
        // Who brings up a heap of one's own wants it to work, also while one types.
        env: { ...agentSettings(env), HEAP_LOG_FORMAT: 'json', HEAP_AGENT_RULES: 'none', ...agent_env, HEAP_URL: url, HEAP_AGENT_DIR: dir },
        log_file: path.join(logs, `agent-${i}.log`),
        ready: /("state":"online")/,
        onExit: (exit_code, signal) => log(`agent ${i} ended (${signal ?? exit_code})`),
      });
      processes.push(agent);
      stops.push(() => agent.stop());
    }
    await Promise.all(processes.map((agent) => agent.started)).catch((error) => {
      throw new StartError(`An agent did not start: ${error.message}`);
    });
    await untilOnline(call, agents);
    return { url, api_key, call, broker, agents: processes, postgres: database, database_url: owner_url, data_dir, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A port that was free a moment ago may be taken now: where none was asked for, the next one serves as well. */
async function startBroker(settings, logs, log, attempts) {
  const broker = supervise({
    name: 'broker',
    // What lives for one group of results must not outgrow the young generation: it would be moved instead of dropped.
    args: ['--max-semi-space-size=32', built('apps/broker/src/main.js')],
    env: settings,
    log_file: path.join(logs, 'broker.log'),
    ready: /heap: ready on (\S+)/,
    onExit: (code, signal) => log(`the broker ended (${signal ?? code})`),
  });
  try {
    return { broker, url: await broker.started };
  } catch (error) {
    await broker.stop();
    if (attempts > 1 && /is taken/.test(error.message)) {
      const HEAP_PORT = String(await freePort(Number(settings.HEAP_PORT) + 1, settings.HEAP_HOST || '127.0.0.1'));
      return startBroker({ ...settings, HEAP_PORT }, logs, log, attempts - 1);
    }
    throw new StartError(error.message);
  }
}

/** A typing error is told before anything is made. */
async function checkSettings(env) {
  const { readSettings } = await import('../../dist/apps/broker/src/platform/config/config.js');
  try {
    readSettings({ ...env, DATABASE_URL: env.DATABASE_URL || 'postgresql://embedded/heap' });
  } catch (error) {
    throw new StartError(error.message);
  }
}

async function migrate(DATABASE_URL, log_file) {
  const out = fs.openSync(log_file, 'w');
  try {
    await prisma(['migrate', 'deploy'], { DATABASE_URL }, ['ignore', out, out]);
  } catch {
    throw new StartError(`The database could not be migrated. Is DATABASE_URL right?\n${fs.readFileSync(log_file, 'utf8').trim()}`);
  } finally {
    fs.closeSync(out);
  }
}

/**
 * The broker's own login: a member of `openheaps_app` and of nothing else, so that no `RESET ROLE` leads back to the owner's rights.
 * @returns its URL.
 */
async function brokerLogin(owner_url, data_dir) {
  const file = path.join(data_dir, 'broker.password');
  if (!fs.existsSync(file)) fs.writeFileSync(file, randomBytes(18).toString('base64url'), { mode: 0o600 });
  const password = fs.readFileSync(file, 'utf8');
  const owner = new pg.Client({ connectionString: owner_url });
  await owner.connect();
  try {
    const { rows } = await owner.query("SELECT 1 FROM pg_roles WHERE rolname = 'openheaps_broker'");
    if (rows.length === 0)
      await owner.query('CREATE ROLE openheaps_broker LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB IN ROLE openheaps_app');
    // BullMQ keeps its queues in a schema of its own, which its user makes. One that the owner made before there was this login goes:
    // queues never hold the only copy of anything.
    await owner.query(`GRANT CREATE ON DATABASE ${pg.escapeIdentifier(owner.database)} TO openheaps_broker`);
    const { rows: foreign } = await owner.query(
      "SELECT nspname FROM pg_namespace WHERE nspname = 'bullmq' AND nspowner <> 'openheaps_broker'::regrole",
    );
    if (foreign.length > 0) await owner.query('DROP SCHEMA bullmq CASCADE');
    await owner.query(`ALTER ROLE openheaps_broker PASSWORD ${pg.escapeLiteral(password)}`);
  } finally {
    await owner.end();
  }
  const url = new URL(owner_url);
  url.username = 'openheaps_broker';
  url.password = password;
  return url.href;
}

/** The broker refuses settings that it does not know, and those of agents are not its own. */
const brokerSettings = (env) => Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('HEAP_AGENT_')));

/** Agents take their own settings and the system's, none of the broker's secrets. */
const agentSettings = (env) =>
  Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^(DATABASE_URL|REDIS_URL|HEAP_)/.test(name) || name.startsWith('HEAP_AGENT_') || name === 'HEAP_LOG_LEVEL',
    ),
  );

const client =
  (url, api_key) =>
  async (method, route, body, headers = {}) => {
    const response = await fetch(url + route, {
      method,
      headers: { authorization: `Bearer ${api_key}`, ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    if (!response.ok) throw new StartError(`${method} ${route}: ${answer.detail ?? response.status}`);
    return answer;
  };

async function untilOnline(call, agents) {
  for (let attempt = 0; attempt < 600; attempt++) {
    const { nodes } = await call('GET', '/v1/nodes');
    if (nodes.filter((node) => (node.state === 'ONLINE' || node.state === 'BUSY') && node.slots.length > 0).length >= agents) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new StartError("The agents did not come online within a minute: see the folder logs in the heap's data.");
}

/** PostgreSQL on the same port whenever it can have it, and back again when it dies. */
async function embeddedPostgres(data_dir, more, log) {
  const dataDir = path.join(data_dir, 'postgres');
  const port_file = path.join(data_dir, 'postgres.port');
  const port = fs.existsSync(port_file) ? Number(fs.readFileSync(port_file, 'utf8')) : 0;
  const settings = { max_connections: 200, ...more };
  const started_ms = performance.now();
  let server = await startPostgres({ dataDir, settings: port && (await isFree(port, '127.0.0.1')) ? { ...settings, port } : settings });
  fs.writeFileSync(port_file, String(server.port));
  log(`embedded PostgreSQL ${server.joined ? 'joined' : 'started'} (${Math.round(performance.now() - started_ms)} ms)`);
  if (path.resolve(server.data_dir) !== path.resolve(dataDir))
    log(
      `the database is in ${server.data_dir}: PostgreSQL cannot run as root below a private folder. Set HEAP_DATA_DIR to keep it elsewhere.`,
    );
  let looking = false;
  const watch = setInterval(async () => {
    if (looking) return;
    looking = true;
    try {
      if (await server.alive()) return;
      log('PostgreSQL is gone; starting it again');
      server = await startPostgres({ dataDir, settings: { ...settings, port: server.port } });
    } catch (error) {
      log(`PostgreSQL could not be started: ${error.message.split('\n')[0]}`);
    } finally {
      looking = false;
    }
  }, LOOK_AFTER_POSTGRES_MS);
  return {
    url: server.url,
    get pid() {
      return server.pid;
    },
    stop: async () => {
      clearInterval(watch);
      while (looking) await new Promise((resolve) => setTimeout(resolve, 50));
      await server.stop().catch(() => {});
    },
  };
}
