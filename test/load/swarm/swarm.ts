import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID, sign } from 'node:crypto';
import path from 'node:path';
import pg from 'pg';
import { enrolmentSigningText } from '#protocol';
import type { Order, Report } from './child.js';
import { publicOf, swarmKey } from './keys.js';

export interface SwarmOptions {
  /** Of a heap as `infra/local/heap.mjs` starts it. */
  url: string;
  database_url: string;
  call: (method: string, route: string, body?: unknown) => Promise<Record<string, string>>;
  nodes: number;
  /** To whom they belong, in turn; one by default, so that all of them are one cluster. */
  owners?: number;
  slots?: number;
  /** So long a node takes for a task. */
  task_ms?: number;
  /** So much a task burns. */
  fuel_used?: number;
  /** Where its processes connect, in turn; the heap's own by default. */
  gateway_urls?: readonly string[];
  /** A process opens at most 20,000 files here, and one core is enough for some thousands of sockets. */
  processes?: number;
}

const ENROLLED_AT_A_TIME = 5_000;

/** Many protocol-true devices from few processes. The first is enrolled over HTTP, the others by SQL, and so are owners beside the first's. */
export class Swarm {
  private constructor(
    readonly node_ids: readonly string[],
    private readonly children: readonly { process: ChildProcess; count: number; first: number }[],
  ) {}

  static async start({
    url,
    database_url,
    call,
    nodes,
    owners = 1,
    slots = 1,
    gateway_urls = [url],
    task_ms = 0,
    fuel_used = 1,
    processes = 2,
  }: SwarmOptions): Promise<Swarm> {
    const run = randomUUID();
    const key = swarmKey(run, 0);
    const public_key = publicOf(key);
    const { code = '' } = await call('POST', '/v1/enrolment-codes', {});
    const signature = sign(null, Buffer.from(enrolmentSigningText(code, public_key)), key).toString('base64');
    const first = await call('POST', '/v1/nodes', { enrolment_code: code, public_key, signature, name: 'swarm 0', kind: 'server' });
    const node_ids = [first.node_id ?? '', ...(await enrolSiblings(database_url, first.node_id ?? '', run, nodes, owners))];
    const { heap_public_key = '' } = first;
    const share = Math.ceil(nodes / processes);
    const children = [];
    for (let from = 0; from < nodes; from += share) {
      const part = node_ids.slice(from, from + share).map((node_id, i): [number, string] => [from + i, node_id]);
      const child = fork(path.join(import.meta.dirname, 'child.js'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
      const gateway = gateway_urls[children.length % gateway_urls.length] as string;
      const heap = { url: gateway, host: new URL(gateway).host, heap_public_key };
      await ask(child, { do: 'setup', setup: { run, heap, slots, task_ms, fuel_used, nodes: part } });
      children.push({ process: child, count: part.length, first: from });
    }
    return new Swarm(node_ids, children);
  }

  get pids(): number[] {
    return this.children.map((child) => child.process.pid as number);
  }

  /** Resolves when all of them, or `count`, are online. */
  connect({ at_a_time = 100, count = this.node_ids.length }: { at_a_time?: number; count?: number } = {}): Promise<Report[]> {
    const share = (part: number) => Math.ceil((part * count) / this.node_ids.length);
    const each = Math.max(1, Math.ceil(at_a_time / this.children.length));
    return Promise.all(this.children.map((child) => ask(child.process, { do: 'connect', at_a_time: each, count: share(child.count) })));
  }

  all(order: Extract<Order, { do: 'cut' | 'beat' | 'leave' | 'keep' }>): Promise<Report[]> {
    return Promise.all(this.children.map((child) => ask(child.process, order)));
  }

  async offer(i: number, available: boolean): Promise<void> {
    const child = this.children.find(({ first, count }) => i >= first && i < first + count);
    if (child) await ask(child.process, { do: 'offer', at: i - child.first, available });
  }

  async stop(): Promise<void> {
    await this.all({ do: 'leave' }).catch(() => undefined);
    for (const { process } of this.children) process.kill('SIGKILL');
  }
}

function ask(child: ChildProcess, order: Order): Promise<Report> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('a process of the swarm has ended'));
    child.once('exit', ended);
    child.once('message', (report) => {
      child.off('exit', ended);
      resolve(report as Report);
    });
    child.send(order);
  });
}

async function enrolSiblings(database_url: string, first: string, run: string, nodes: number, owners: number): Promise<string[]> {
  const client = new pg.Client({ connectionString: database_url });
  await client.connect();
  try {
    const further = Array.from({ length: owners - 1 }, () => randomUUID());
    await client.query("INSERT INTO person (id, name, email) SELECT id, 'owner', id || '@swarm.invalid' FROM unnest($1::uuid[]) AS o(id)", [
      further,
    ]);
    const ownerOf = (i: number) => further[(i % owners) - 1] ?? null;
    const ids: string[] = [];
    for (let from = 1; from < nodes; from += ENROLLED_AT_A_TIME) {
      const numbers = Array.from({ length: Math.min(ENROLLED_AT_A_TIME, nodes - from) }, (_, i) => from + i);
      const part = numbers.map(() => randomUUID());
      await client.query(
        `INSERT INTO node (id, owner_id, name, kind, public_key)
         SELECT n.id, COALESCE(n.owner_id, sibling.owner_id), 'swarm ' || n.i, 'server', n.key
         FROM node sibling, unnest($2::uuid[], $3::int[], $4::text[], $5::uuid[]) AS n(id, i, key, owner_id) WHERE sibling.id = $1`,
        [first, part, numbers, numbers.map((i) => publicOf(swarmKey(run, i))), numbers.map(ownerOf)],
      );
      ids.push(...part);
    }
    return ids;
  } finally {
    await client.end();
  }
}
