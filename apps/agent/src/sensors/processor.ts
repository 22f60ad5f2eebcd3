import type { SystemFiles } from './files.js';

interface Ticks {
  others: number;
  total: number;
}

/** What the processor did since the last look. Sandboxes run at a lowered priority and are counted apart as `nice`: the rest is the owner's. */
export class ProcessorUse {
  private last: Ticks | null = null;

  constructor(private readonly files: SystemFiles) {}

  /** Share of all cores, 0 to 1; null at the first look. */
  others(): number | null {
    const now = this.ticks();
    const { last } = this;
    this.last = now;
    if (!now || !last || now.total <= last.total) return null;
    return Math.min(1, Math.max(0, (now.others - last.others) / (now.total - last.total)));
  }

  /** The first line of /proc/stat (proc(5)): user, nice, system, idle, iowait, irq, softirq, steal; guest time is in user already. */
  private ticks(): Ticks | null {
    const [name, ...fields] = this.files.text('/proc/stat')?.split('\n')[0]?.split(/\s+/) ?? [];
    if (name !== 'cpu') return null;
    const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = fields.map(Number);
    const others = user + system + irq + softirq + steal;
    return { others, total: others + nice + idle + iowait };
  }
}

/** Work of all processes per core over the last minute. */
export function load(files: SystemFiles, cores: number): number | null {
  const minute = Number(files.text('/proc/loadavg')?.split(' ')[0] ?? Number.NaN);
  return Number.isNaN(minute) ? null : minute / cores;
}

/** Share of the last ten seconds in which something waited for memory (Documentation/accounting/psi.rst). */
export function memoryPressure(files: SystemFiles): number | null {
  const percent = /^some avg10=([\d.]+)/m.exec(files.text('/proc/pressure/memory') ?? '')?.[1];
  return percent === undefined ? null : Number(percent) / 100;
}
