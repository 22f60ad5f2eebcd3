import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SlotGroups } from './cgroup.js';

const PID = 4711;

/** Files as the kernel has them, without the kernel behind: it shows what is written where. */
function world(files: Partial<Record<'controllers' | 'subtree_control' | 'procs', string>>) {
  const mount = mkdtempSync(join(tmpdir(), 'heap-cgroup-'));
  const own = join(mount, 'agent.service');
  mkdirSync(own);
  writeFileSync(join(mount, 'cgroup.controllers'), 'cpu memory pids');
  const { controllers = 'cpuset cpu io memory pids', subtree_control = '', procs = `${PID}\n` } = files;
  writeFileSync(join(own, 'cgroup.controllers'), controllers);
  writeFileSync(join(own, 'cgroup.subtree_control'), subtree_control);
  writeFileSync(join(own, 'cgroup.procs'), procs);
  return { mount, own, prepare: () => SlotGroups.prepare({ mount, membership: '1:name=systemd:/x\n0::/agent.service\n', pid: PID }) };
}

describe('control groups of slots', () => {
  let mount: string | undefined;
  afterEach(() => {
    if (mount !== undefined) rmSync(mount, { recursive: true });
    mount = undefined;
  });

  test('the agent moves aside and hands the controllers down', () => {
    const w = world({});
    mount = w.mount;
    expect(w.prepare()).toBeInstanceOf(SlotGroups);
    expect(readFileSync(join(w.own, 'agent/cgroup.procs'), 'utf8')).toBe(String(PID));
    expect(readFileSync(join(w.own, 'cgroup.subtree_control'), 'utf8')).toBe('+memory +pids +cpu');
  });

  test('a slot gets its memory, no swap is asked where there is none, and few processes', () => {
    const w = world({ subtree_control: 'cpu memory pids' });
    mount = w.mount;
    const groups = w.prepare() as SlotGroups;
    expect(existsSync(join(w.own, 'agent'))).toBe(false);
    const group = groups.make(123_456);
    const made = readdirSync(w.own)
      .filter((name) => name.startsWith('heap-slot'))
      .at(-1) as string;
    const of = (file: string) => readFileSync(join(w.own, made, file), 'utf8');
    expect(group.procs).toBe(join(w.own, made, 'cgroup.procs'));
    expect([of('memory.max'), of('pids.max'), of('cpu.weight')]).toEqual(['123456', '64', '10']);
    expect(readdirSync(join(w.own, made))).not.toContain('memory.swap.max');
  });

  test.each([
    ['holds other processes', { procs: `${PID}\n1\n` }],
    ['has no memory, pids controller', { controllers: 'cpu' }],
  ])('a group that %s is left alone', (why, files) => {
    const w = world(files);
    mount = w.mount;
    expect(w.prepare()).toContain(why);
    expect(existsSync(join(w.own, 'agent'))).toBe(false);
  });

  test('a system without them says so', () => {
    expect(SlotGroups.prepare({ mount: '/nowhere', membership: '1:memory:/x\n', pid: PID })).toContain('no version 2');
  });
});
