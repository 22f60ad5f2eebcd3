import { bubblewrapPath } from './bubblewrap.js';
import { SlotGroups } from './cgroup.js';
import type { Isolation, IsolationLayer, MissingLayer } from './layers.js';
import { canLimit } from './limits.js';
import { canUnshare } from './namespaces.js';
import { permissionFlags } from './permission.js';
import { probe } from './probe.js';
import type { Reached } from './reach.js';

/** How sandbox processes are to be started on this system. */
export interface HostIsolation extends Isolation {
  groups: SlotGroups | null;
}

const refused = (attempt: string | null) => attempt !== null && attempt !== 'ERR_ACCESS_DENIED';
/** Refused by the system, not only by Node.js. */
const walled = (r: Reached) => [r.read, r.list, r.write, r.start].every(refused) && r.interfaces === 0;
const denied = (r: Reached) => [r.read, r.list, r.write, r.start, r.worker].every((attempt) => attempt === 'ERR_ACCESS_DENIED');
const bounded = (r: Reached) =>
  ['data_seg_size_bytes', 'cpu_time_seconds', 'open_files', 'file_size_blocks'].every((name) => typeof r.limits[name]?.hard === 'number') &&
  Object.keys(r.environment).every((name) => name === 'PWD' || name === '_');

type Tried = true | Omit<MissingLayer, 'layer'>;

async function tryLayer(
  layer: IsolationLayer,
  possible: boolean,
  holds: (r: Reached) => boolean,
  lacking: MissingLayer['code'],
  why: string,
): Promise<Tried> {
  if (!possible) return { code: lacking, sentence: why };
  const reached = await probe([layer]);
  if (typeof reached === 'string')
    return { code: 'probe_failed', sentence: `${layer} is there, but a process in it did not start: ${reached}` };
  return holds(reached) || { code: 'probe_failed', sentence: `${layer} is there, but a process in it reached what it must not.` };
}

const linux = process.platform === 'linux';

async function outerWall(): Promise<[IsolationLayer, Tried][]> {
  const [code, why] = linux
    ? ([
        'not_installed',
        'Bubblewrap is not installed; with it tasks could see neither files nor network, even outside WebAssembly.',
      ] as const)
    : (['not_linux', 'Bubblewrap is for Linux only.'] as const);
  const bwrap = await tryLayer('bubblewrap', linux && bubblewrapPath() !== null, walled, code, why);
  if (bwrap === true) return [['bubblewrap', true]];
  const unshare = await tryLayer(
    'namespaces',
    canUnshare(),
    (r) => r.interfaces === 0,
    linux ? 'not_installed' : 'not_linux',
    'Network namespaces are not to be had.',
  );
  return [
    ['bubblewrap', bwrap],
    ['namespaces', unshare],
  ];
}

async function find(): Promise<HostIsolation> {
  const [outer, permission, limits] = await Promise.all([
    outerWall(),
    tryLayer('permission-model', permissionFlags([]) !== null, denied, 'not_supported', 'This Node.js has no permission model.'),
    tryLayer('rlimits', canLimit(), bounded, 'not_supported', 'This system has no limits for processes.'),
  ]);
  const groups = linux ? SlotGroups.prepare() : 'control groups are for Linux only';
  const cgroup: Tried = typeof groups !== 'string' || {
    code: linux ? 'not_allowed' : 'not_linux',
    sentence: `No control group for tasks: ${groups}.`,
  };
  const tried: [IsolationLayer, Tried][] = [['permission-model', permission], ['rlimits', limits], ['cgroup', cgroup], ...outer];
  return {
    holds: tried.filter(([, result]) => result === true).map(([layer]) => layer),
    missing: tried.flatMap(([layer, result]) => (result === true ? [] : [{ layer, ...result }])),
    groups: typeof groups === 'string' ? null : groups,
  };
}

let found: Promise<HostIsolation> | undefined;

/** What holds on this system: tried out once per process, in some 200 ms. */
export function hostIsolation(): Promise<HostIsolation> {
  found ??= find();
  return found;
}

/** @see hostIsolation */
export async function isolation(): Promise<Isolation> {
  const { holds, missing } = await hostIsolation();
  return { holds, missing };
}
