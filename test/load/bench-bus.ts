import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { packed, unpacked } from '../../apps/broker/src/platform/bus/relay-frames.js';
import { benchReport, percentile } from './report.js';

/**
 * Events between two processes' worth of connections: PostgreSQL's NOTIFY, as the relay uses it, beside Redis Streams, both gathered for
 * 5 ms. DATABASE_URL names the server; Redis is started here if `redis-server` is on the path. `npm run bench:bus -- --json`.
 */
const SECONDS = 5;
const RATES = [100, 2_000, 10_000];
const GATHER_MS = 5;
const CHANNEL = 'bench_bus';

type Send = (texts: string[]) => Promise<unknown>;
interface Bus {
  send: Send;
  listen: (heard: (text: string) => void) => Promise<void>;
  close: () => Promise<void>;
}

async function overPostgres(url: string): Promise<Bus> {
  const [sender, listener] = [new pg.Client(url), new pg.Client(url)];
  await Promise.all([sender.connect(), listener.connect()]);
  return {
    send: (texts) => sender.query('SELECT pg_notify($1, text) FROM unnest($2::text[]) AS text', [CHANNEL, texts]),
    listen: async (heard) => {
      listener.on('notification', ({ payload }) => heard(payload ?? ''));
      await listener.query(`LISTEN ${CHANNEL}`);
    },
    close: async () => void (await Promise.all([sender.end(), listener.end()])),
  };
}

async function overRedis(port: number): Promise<Bus> {
  const [sender, listener] = [new Redis(port), new Redis(port)];
  let over = false;
  return {
    send: (texts) => {
      const pipeline = sender.pipeline();
      for (const text of texts) pipeline.xadd(CHANNEL, 'MAXLEN', '~', '10000', '*', 'e', text);
      return pipeline.exec();
    },
    listen: async (heard) => {
      let from = '$';
      void (async () => {
        while (!over) {
          const answer = await listener.xread('COUNT', 500, 'BLOCK', 1_000, 'STREAMS', CHANNEL, from).catch(() => null);
          for (const [, entries] of answer ?? [])
            for (const [id, fields] of entries) {
              from = id;
              heard(fields[1] ?? '');
            }
        }
      })();
      await sleep(100);
    },
    close: async () => {
      over = true;
      sender.disconnect();
      listener.disconnect();
    },
  };
}

/** At so many events a second for a while: how late each is, and how many came. */
async function measure(bus: Bus, per_s: number): Promise<{ p50: number; p99: number; heard: number }> {
  const late: number[] = [];
  const total = per_s * SECONDS;
  let waiting: (readonly [string, unknown])[] = [];
  heard = (text) => {
    for (const [, payload] of unpacked(text)?.events ?? []) late.push(performance.now() - (payload as { at: number }).at);
  };
  const began = performance.now();
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.ceil(((performance.now() - began) / 1_000) * per_s));
    for (; sent < due; sent++) waiting.push(['LeaseGranted', { at: performance.now(), lease_id: 'x'.repeat(36), node_id: 'y'.repeat(36) }]);
    await sleep(GATHER_MS);
    await bus.send(packed('bench', waiting));
    waiting = [];
  }
  for (let i = 0; i < 200 && late.length < total; i++) await sleep(10);
  return { p50: percentile(late, 0.5), p99: percentile(late, 0.99), heard: late.length / total };
}

let heard: (text: string) => void = () => {};
async function figures(bus: Bus): Promise<Record<string, number>> {
  await bus.listen((text) => heard(text));
  const result: Record<string, number> = {};
  for (const rate of RATES) {
    const cpu = process.cpuUsage();
    const { p50, p99, heard: share } = await measure(bus, rate);
    const used = process.cpuUsage(cpu);
    result[`p50_ms_${rate}`] = Number(p50.toFixed(2));
    result[`p99_ms_${rate}`] = Number(p99.toFixed(2));
    result[`heard_${rate}`] = share;
    result[`cpu_percent_${rate}`] = Math.round((used.user + used.system) / 10_000 / SECONDS);
  }
  await bus.close();
  return result;
}

const url = process.env.DATABASE_URL;
if (!url) {
  console.error('bench: set DATABASE_URL to a PostgreSQL server');
  process.exit(2);
}
const ours = await figures(await overPostgres(url));
const probe = createServer();
await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
const { port } = probe.address() as AddressInfo;
await new Promise((resolve) => probe.close(resolve));
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'heap-redis-'));
const server = spawn('redis-server', ['--port', String(port), '--save', '', '--appendonly', 'yes', '--dir', dir], { stdio: 'ignore' });
const started = await Promise.race([sleep(1_500, true), new Promise<false>((resolve) => server.once('error', () => resolve(false)))]);
const config = { seconds: SECONDS, gather_ms: GATHER_MS };
const json = process.argv.includes('--json');
if (started) {
  const theirs = await figures(await overRedis(port));
  server.kill();
  benchReport(
    'bus',
    config,
    ours,
    json,
    { name: 'Redis Streams', version: 'ioredis', ...theirs },
    (theirs.p50_ms_2000 ?? 0) / (ours.p50_ms_2000 ?? 1),
  );
} else benchReport('bus', config, ours, json);
fs.rmSync(dir, { recursive: true, force: true });
