import fs from 'node:fs';
import os from 'node:os';
import type { Logger } from 'pino';
import { Agent, type AgentStatus, type Bounds, type Kept, NO_RULES, type OpenSlot, SAFE_RULES, type Sensors } from '#agent-core';
import { describeIsolation, isolation, openSlot, placePrograms } from '#sandbox/node';
import { HeapError, type NodeKind, SLOT_MEMORY_BYTES, type SlotClass } from '#units';
import { listenToOwner } from './control/server.js';
import { deviceKey, heapVerifier } from './device-key.js';
import { enrol } from './enrol.js';
import { heapBlobs, heapPieces } from './heap-http.js';
import { Journal } from './journal/journal.js';
import { lockFolder } from './lock.js';
import { coreLog } from './logger.js';
import { bytes, clock } from './node-ports.js';
import { wordBook } from './owner/kept.js';
import { Owner } from './owner/owner.js';
import { DiskPieces } from './pieces/disk-pieces.js';
import { systemSensors } from './sensors/sensors.js';
import { speed } from './speed.js';
import { openWebSocket } from './web-socket.js';

export const AGENT_VERSION = '0.1.0';

export interface AgentOptions {
  /** Where the device key and unconfirmed results are kept; one agent per directory. */
  dir: string;
  /** The heap's origin, `http://…` or `https://…`; null for the one this device enrolled with. */
  url: string | null;
  /** Makes the device a node of the heap if it is none yet; not used otherwise. */
  enrolment_code: string | null;
  name: string;
  kind: NodeKind;
  slots: number;
  slot_class: SlotClass;
  /** Micro-units per 10¹² fuel; null leaves the price to the market. */
  reserve_price_micro: bigint | null;
  /** Slots for services and bytes that it keeps; none unless the owner allots some. */
  kept?: Kept;
  /** What counts until the owner has ruled on this device. Default: none. */
  rules?: 'safe' | 'none';
  /** Rules that its owner sets at the heap do not count on this device. */
  own_rules_only?: boolean;
  logger: Logger;
  /** Instead of what is measured. */
  speed_fuel_per_ms?: number;
  /** Instead of the system's. */
  sensors?: Sensors;
  /** Instead of sandbox processes. */
  openSlot?: OpenSlot;
  bounds?: Partial<Bounds>;
}

export interface RunningAgent {
  node_id: string;
  status(): AgentStatus;
  /** The owner's hold button; resolves with the milliseconds that giving back took. */
  hold(for_ms?: number | null): Promise<number>;
  release(): void;
  /** Finishes or gives back what runs, delivers, says goodbye: within two seconds unless told otherwise. */
  stop(grace_ms?: number): Promise<void>;
  /** Resolves when the agent ended, by `stop` or because the heap took the device out. */
  ended: Promise<AgentStatus['session']>;
}

/** Within two seconds to the last byte. */
const GRACE_MS = 1_700;

const openProcessSlot: OpenSlot = (slot_class) => openSlot({ memory_bytes_max: SLOT_MEMORY_BYTES[slot_class] });

/** What stands between a task and this device is the owner's business: in words, and as codes for the fleet. */
async function tellIsolation(logger: Logger): Promise<void> {
  const found = await isolation();
  const missing = found.missing.map(({ layer, code }) => `${layer}: ${code}`);
  logger.info({ isolation: found.holds, missing }, describeIsolation(found).join(' '));
}

/**
 * Starts an agent in this process; several may run beside each other on directories of their own.
 * @throws HeapError that says what keeps it from starting: `agent_running`, `not_enrolled`, `heap_unreachable`, …
 */
export async function startAgent(options: AgentOptions): Promise<RunningAgent> {
  const unlock = takeFolder(options.dir);
  try {
    return await begin(options, unlock);
  } catch (error) {
    unlock();
    throw unusable(options.dir, error);
  }
}

/** What the system says of files, by its code. */
const TROUBLE: Readonly<Record<string, string>> = {
  ENOSPC: 'its disk is full. Make room there',
  EDQUOT: 'your share of its disk is used up. Make room there',
  EROFS: 'it is on a disk that can only be read. Mount that for writing',
  EACCES: 'you may not write there. Give yourself the right to',
  EPERM: 'you may not write there. Give yourself the right to',
};

function unusable(dir: string, error: unknown): unknown {
  const why = TROUBLE[String((error as NodeJS.ErrnoException | null)?.code)];
  if (why === undefined) return error;
  return new HeapError(
    'folder_unusable',
    `The agent cannot keep its work in ${dir}: ${why}, or name another folder with HEAP_AGENT_DIR.`,
    'owner',
  );
}

function takeFolder(dir: string): () => void {
  try {
    fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
    return lockFolder(dir);
  } catch (error) {
    throw unusable(dir, error);
  }
}

async function begin(options: AgentOptions, unlock: () => void): Promise<RunningAgent> {
  const { dir, logger, slot_class } = options;
  const key = deviceKey(dir);
  const membership = await enrol(dir, key, options);
  const { node_id, heap_public_key, socket_path } = membership;
  if (membership.fresh) logger.info({ node_id, name: membership.name }, 'This device is a node of the heap now.');
  const open = options.openSlot ?? openProcessSlot;
  placePrograms(dir);
  if (!options.openSlot) await tellIsolation(logger);
  const speed_fuel_per_ms = options.speed_fuel_per_ms ?? (await speed(dir, () => open(slot_class)));
  const word = wordBook(dir);
  const own_rules_only = options.own_rules_only ?? false;
  const log = coreLog(logger);
  const journal = await Journal.open(dir, log);
  const { origin } = new URL(membership.url);
  const url = new URL(socket_path, membership.url);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  let resolveEnded: (status: AgentStatus['session']) => void = () => {};
  const ended = new Promise<AgentStatus['session']>((resolve) => {
    resolveEnded = resolve;
  });
  const agent = new Agent(
    {
      url: url.href,
      host: url.host,
      agent_version: AGENT_VERSION,
      capacity: [{ slot_class, count: options.slots, reserve_price_micro: options.reserve_price_micro }],
      speed_fuel_per_ms,
      rules: options.rules === 'safe' ? SAFE_RULES : NO_RULES,
      word,
      own_rules_only,
      cores: os.availableParallelism(),
      ...(options.kept && { kept: options.kept }),
      sensors: options.sensors ?? (await systemSensors()),
      ...(options.bounds && { bounds: options.bounds }),
    },
    {
      openSocket: openWebSocket,
      clock,
      random: Math.random,
      identity: { node_id, sign: key.sign, verifyLease: heapVerifier(heap_public_key) },
      blobs: heapBlobs(origin),
      pieces: { store: new DiskPieces(dir, log), http: heapPieces(origin) },
      bytes,
      outbox: journal,
      openSlot: open,
      log,
    },
    (status) => {
      if (status.session.code === 'revoked') void stop();
    },
  );
  const owner = new Owner(agent, node_id, own_rules_only);
  const stopListening = await listenToOwner(dir, (asked) => owner.answer(asked)).catch((error: unknown) => {
    logger.warn({ error: String(error) }, 'The agent cannot be spoken to (`heap agent status`); it works all the same.');
    return async () => {};
  });
  let stopping: Promise<void> | null = null;
  const stop = (grace_ms = GRACE_MS): Promise<void> => {
    stopping ??= (async () => {
      const { session } = agent.status;
      await agent.stop(grace_ms);
      await stopListening();
      await journal.close();
      unlock();
      resolveEnded(session.state === 'stopped' ? session : agent.status.session);
    })();
    return stopping;
  };
  logger.info({ node_id, slots: options.slots, slot_class, speed_fuel_per_ms }, 'The agent starts.');
  await agent.start();
  return { node_id, status: () => agent.status, hold: (for_ms = null) => agent.hold(for_ms), release: () => agent.release(), stop, ended };
}
