import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { LEAF_BYTES } from '#erasure';
import { Heap } from '#sdk';
import { call, signUp } from '../support/api.js';
import type { KeepAnswer, KeepOrder } from './keeper-process.js';

const PROGRAM = fileURLToPath(new URL('./keeper-process.js', import.meta.url));
const GB = 1_000_000_000;
const SIGN_UPS = 4;

export interface KeepersOptions {
  devices: number;
  /** In how many processes: each can be killed. */
  processes: number;
  storage_class?: 'standard' | 'cold';
  /** Of each device. */
  gigabytes?: number;
}

interface Group {
  child: ChildProcess;
  dirs: readonly string[];
}

/** Devices of as many owners, with the real agent and a folder each on this machine's disk. */
export class Keepers {
  readonly root = fs.mkdtempSync(path.join(os.tmpdir(), 'heap keepers '));
  readonly groups: Group[] = [];

  static async start(url: string, { devices, processes, storage_class = 'standard', gigabytes = 10 }: KeepersOptions): Promise<Keepers> {
    const keepers = new Keepers();
    try {
      const codes = await codesOf(url, devices);
      const agents = codes.map((code, i) => ({ dir: path.join(keepers.root, `device ${i}`), code }));
      const size = Math.ceil(devices / processes);
      const groups = Array.from({ length: processes }, (_, i) => agents.slice(i * size, (i + 1) * size)).filter(({ length }) => length > 0);
      await Promise.all(groups.map((group) => keepers.#open({ url, agents: group, storage_class, bytes: gigabytes * GB })));
      return keepers;
    } catch (error) {
      await keepers.close();
      throw error;
    }
  }

  async #open(order: KeepOrder): Promise<void> {
    const child = fork(PROGRAM, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.groups.push({ child, dirs: order.agents.map(({ dir }) => dir) });
    const answer = once(child, 'message') as Promise<[KeepAnswer]>;
    const ended = once(child, 'exit').then(() => Promise.reject(new Error('a process of devices ended while it began')));
    child.send(order);
    await Promise.race([answer, ended]);
    ended.catch(() => undefined);
  }

  /** Kills the first so many processes, as a loss of power does. @returns how many devices that takes away */
  async kill(processes: number): Promise<number> {
    const gone = this.groups.splice(0, processes);
    await Promise.all(
      gone.map(async ({ child }) => {
        const exit = once(child, 'exit');
        child.kill('SIGKILL');
        await exit;
      }),
    );
    return gone.reduce((sum, { dirs }) => sum + dirs.length, 0);
  }

  /** The files of pieces that living devices have now. */
  pieces(): string[] {
    return this.groups.flatMap(({ dirs }) => dirs).flatMap(piecesIn);
  }

  /**
   * Turns a bit in every leaf of at least this share of all pieces, device by device, behind the back of each. Few devices with bad disks are what
   * happens; where all have some, none is believed any more, and nothing can be repaired.
   * @returns how many pieces that are
   */
  corrupt(share: number): number {
    const devices = this.groups.flatMap(({ dirs }) => dirs).map(piecesIn);
    const enough = share * devices.flat().length;
    let done = 0;
    for (const files of devices) {
      if (done >= enough) break;
      for (const file of files) {
        const bytes = fs.readFileSync(file);
        for (let at = 0; at < bytes.length; at += LEAF_BYTES) bytes[at] = (bytes[at] as number) ^ 1;
        fs.writeFileSync(file, bytes);
        done++;
      }
    }
    return done;
  }

  async close(): Promise<void> {
    await this.kill(this.groups.length);
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}

function piecesIn(dir: string): string[] {
  const folder = path.join(dir, 'pieces');
  if (!fs.existsSync(folder)) return [];
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.piece')).map((name) => path.join(folder, name));
}

/** Of one owner each: what belongs together keeps no two pieces of a segment. */
async function codesOf(url: string, count: number): Promise<string[]> {
  const codes: string[] = [];
  const owner = async () => {
    while (codes.length < count) {
      const at = codes.push('') - 1;
      const { token } = await signUp(url, `Keeper${at}`);
      const { status, body } = await call(url, 'POST', '/v1/api-keys', { token, body: { name: 'keeper' } });
      if (status !== 201) throw new Error(`a new API key answered ${status}: ${JSON.stringify(body)}`);
      codes[at] = (await new Heap({ url, apiKey: body.secret }).enrolmentCode()).code;
    }
  };
  await Promise.all(Array.from({ length: SIGN_UPS }, owner));
  return codes;
}
