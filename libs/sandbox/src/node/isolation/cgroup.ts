import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const CONTROLLERS = ['memory', 'pids', 'cpu'] as const;
/** Threads count: Node.js has about a dozen. */
const PIDS_MAX = 64;
/** Of 1 to 10,000; other processes have 100. */
const CPU_WEIGHT = 10;
const REMOVE_TRIES = 20;
const REMOVE_MS = 50;

export interface CgroupPlaces {
  mount: string;
  /** What /proc/self/cgroup says. */
  membership: string;
  pid: number;
}

const read = (...path: string[]) => readFileSync(join(...path), 'utf8');
const words = (text: string) => text.split(/\s+/).filter(Boolean);

const here = (): CgroupPlaces => ({ mount: '/sys/fs/cgroup', membership: read('/proc/self/cgroup'), pid: process.pid });

/** The group below which those of the slots are made, with the controllers switched on. */
export class SlotGroups {
  private made = 0;

  private constructor(
    private readonly parent: string,
    private readonly pid: number,
  ) {}

  /**
   * Only where this process's own version 2 group was handed to it (systemd: `Delegate=yes`). A group that hands controllers down may hold no process itself, so
   * that this one moves into a child of it, but only if it is alone: other people's processes are not moved. Answers why not, else.
   */
  static prepare({ mount, membership, pid }: CgroupPlaces = here()): SlotGroups | string {
    const own = /^0::(\/.*)$/m.exec(membership)?.[1];
    if (own === undefined || !existsSync(join(mount, 'cgroup.controllers'))) return 'this system has no version 2 control groups';
    const group = join(mount, own);
    try {
      const available = words(read(group, 'cgroup.controllers'));
      const lacking = CONTROLLERS.filter((name) => !available.includes(name));
      if (lacking.length > 0) return `the control group has no ${lacking.join(', ')} controller`;
      const handed_down = words(read(group, 'cgroup.subtree_control'));
      if (!CONTROLLERS.every((name) => handed_down.includes(name))) {
        if (words(read(group, 'cgroup.procs')).some((other) => Number(other) !== pid)) return 'the control group holds other processes';
        mkdirSync(join(group, 'agent'), { recursive: true });
        writeFileSync(join(group, 'agent', 'cgroup.procs'), String(pid));
        writeFileSync(join(group, 'cgroup.subtree_control'), CONTROLLERS.map((name) => `+${name}`).join(' '));
      }
      const groups = new SlotGroups(group, pid);
      groups.make(1 << 30).remove();
      return groups;
    } catch (error) {
      return `the control group cannot be used (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
    }
  }

  /** A group for one process: its memory without swap, its threads, and the last place in the queue for the processor. */
  make(memory_bytes_max: number): SlotGroup {
    const path = join(this.parent, `heap-slot-${this.pid}-${++this.made}`);
    mkdirSync(path);
    const group = new SlotGroup(path);
    try {
      writeFileSync(join(path, 'memory.max'), String(memory_bytes_max));
      if (existsSync(join(path, 'memory.swap.max'))) writeFileSync(join(path, 'memory.swap.max'), '0');
      writeFileSync(join(path, 'pids.max'), String(PIDS_MAX));
      writeFileSync(join(path, 'cpu.weight'), String(CPU_WEIGHT));
      return group;
    } catch (error) {
      group.remove();
      throw error;
    }
  }
}

export class SlotGroup {
  readonly procs: string;

  constructor(private readonly path: string) {
    this.procs = join(path, 'cgroup.procs');
  }

  /** The kernel lets a group go only when its last process is quite gone, which may be a moment after its end was told. */
  remove(tries = REMOVE_TRIES): void {
    try {
      rmdirSync(this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' || tries === 0) return;
      setTimeout(() => this.remove(tries - 1), REMOVE_MS).unref();
    }
  }
}
