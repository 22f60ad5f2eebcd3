import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Heap } from '#sdk';
import type { Chance } from './chance.js';
import type { LocalHeap } from './local-heap.js';
import { until } from './until.js';

/** A restart is a matter of seconds; this is for a machine that does much else. */
const UP_WITHIN_MS = 60_000;
/** An agent that lost several connections in a row before its heap took results in waits up to a minute or two by the protocol's back-off. */
const ONLINE_WITHIN_MS = 150_000;

export const TARGETS = ['broker', 'agent', 'sandbox', 'postgres'] as const;
export type Target = (typeof TARGETS)[number];

/** Finds the processes to kill, and knows when each is itself again. */
export class Targets {
  private readonly killed = new Set<number>();

  constructor(
    private readonly local: LocalHeap,
    private readonly heap: Heap,
    private readonly chance: Chance,
  ) {}

  /** Kills one that is up, waiting for that where it was killed a moment ago. @returns the process that is no more. */
  async kill(target: Target): Promise<number> {
    return until(`${target} to be up`, UP_WITHIN_MS, async () => {
      const pid = await this.find(target);
      if (pid === undefined || !shot(pid)) return undefined;
      this.killed.add(pid);
      return pid;
    });
  }

  /** Everything is back: each process is a living one, and the heap serves and sees its devices. */
  async allUp(): Promise<void> {
    await until('broker to be up', UP_WITHIN_MS, () => this.find('broker'));
    await until('every agent to be online', ONLINE_WITHIN_MS, async () => {
      if (this.local.agents.some(({ pid }) => !this.lives(pid))) return undefined;
      const nodes = await this.heap.nodes();
      return nodes.every(({ state }) => state === 'ONLINE' || state === 'BUSY') || undefined;
    });
  }

  private async find(target: Target): Promise<number | undefined> {
    switch (target) {
      case 'broker':
        return this.serving();
      case 'postgres':
        return this.answering();
      case 'agent':
        return this.anAgent();
      case 'sandbox':
        return this.aSandbox();
    }
  }

  private async serving(): Promise<number | undefined> {
    const { pid } = this.local.broker;
    if (!this.lives(pid)) return undefined;
    await fetch(`${this.local.url}/v1/heap`, { signal: AbortSignal.timeout(2_000) });
    return pid;
  }

  private async answering(): Promise<number | undefined> {
    const { pid } = this.local.postgres;
    if (!this.lives(pid)) return undefined;
    const client = new pg.Client({ connectionString: this.local.database_url, connectionTimeoutMillis: 2_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('SELECT 1');
      return pid;
    } finally {
      await client.end().catch(() => {});
    }
  }

  /** One that has got as far as having sandboxes: it is past its start. */
  private async anAgent(): Promise<number | undefined> {
    const children = await childrenByParent();
    const ready = this.local.agents.map(({ pid }) => pid).filter((pid) => this.lives(pid) && children.has(pid));
    return ready.length > 0 ? this.chance.pick(ready) : undefined;
  }

  private async aSandbox(): Promise<number | undefined> {
    const children = await childrenByParent();
    const sandboxes = this.local.agents.flatMap(({ pid }) => children.get(pid) ?? []).filter((pid) => !this.killed.has(pid));
    return sandboxes.length > 0 ? this.chance.pick(sandboxes) : undefined;
  }

  private lives(pid: number): boolean {
    return !this.killed.has(pid);
  }
}

/** Every process of the machine that is not a zombie, by its parent. */
async function childrenByParent(): Promise<Map<number, number[]>> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,stat=']);
  const children = new Map<number, number[]>();
  for (const line of stdout.trim().split('\n')) {
    const [pid, parent, state] = line.trim().split(/\s+/);
    if (!state?.startsWith('Z')) children.set(Number(parent), [...(children.get(Number(parent)) ?? []), Number(pid)]);
  }
  return children;
}

/** @returns false for a process that ended by itself since it was found, as a broker does whose database was killed a moment ago. */
function shot(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
