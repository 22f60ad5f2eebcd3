import { SOCKET_LIMITS, type WireBody } from '#protocol';
import type { Outbox } from './outbox.js';
import type { Runner } from './runner.js';

type State = WireBody<'state'>;
type Lease = State['leases'][number];
type Task = Lease['tasks'][number];

const TASK_BYTES = 64;
const LEASE_BYTES = 96;
const LEASES_MAX = 256;

function gather(runner: Pick<Runner, 'held'>, outbox: Pick<Outbox, 'all'>): Iterable<Lease> {
  const leases = new Map<string, Lease>();
  const add = (lease_id: string, epoch: number, task?: Task) => {
    const key = `${lease_id} ${epoch}`;
    const lease = leases.get(key) ?? { lease_id, epoch, tasks: [] };
    leases.set(key, lease);
    if (task) lease.tasks.push(task);
  };
  for (const lease of runner.held) {
    add(lease.lease_id, lease.epoch);
    for (const task of lease.held()) add(lease.lease_id, lease.epoch, { index: task.index, epoch: task.epoch, phase: lease.phaseOf(task) });
  }
  for (const { kept } of outbox.all())
    add(kept.lease_id, kept.lease_epoch, { index: kept.result.index, epoch: kept.result.epoch, phase: 'finished' });
  return leases.values();
}

/** What this device holds, in as many `state` messages as it takes to stay below the frame's limit. */
export function stateMessages(runner: Pick<Runner, 'held'>, outbox: Pick<Outbox, 'all'>): State[] {
  const parts: { leases: Lease[]; more: boolean }[] = [{ leases: [], more: false }];
  let bytes = 0;
  const next = () => {
    const last = parts.at(-1);
    if (last) last.more = true;
    parts.push({ leases: [], more: false });
    bytes = 0;
  };
  for (const lease of gather(runner, outbox)) {
    let rest = lease.tasks;
    do {
      const room = Math.floor((SOCKET_LIMITS.packed_bytes - bytes - LEASE_BYTES) / TASK_BYTES);
      const part = parts.at(-1);
      if (!part || room < 1 || part.leases.length === LEASES_MAX) {
        next();
        continue;
      }
      const tasks = rest.slice(0, room);
      part.leases.push({ ...lease, tasks });
      bytes += LEASE_BYTES + tasks.length * TASK_BYTES;
      rest = rest.slice(room);
    } while (rest.length > 0);
  }
  return parts;
}
