import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { install, keptSettings, type System, uninstall, unitText } from './service.js';

let home = '';
let calls: string[] = [];
beforeEach(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'home '));
  calls = [];
});
afterEach(() => fs.rmSync(home, { recursive: true }));

const system = (over: Partial<System> = {}): System => ({
  platform: 'linux',
  booted: home,
  config_home: path.join(home, '.config'),
  systemctl: (...args) => void calls.push(args.join(' ')),
  ...over,
});
const enrolled = () => {
  const dir = path.join(home, 'agent');
  fs.mkdirSync(dir);
  const membership = {
    url: 'http://heap.test',
    node_id: '00000000-0000-7000-8000-000000000001',
    heap_public_key: 'QQ==',
    socket_path: '/v1/socket',
    name: 'n',
  };
  fs.writeFileSync(path.join(dir, 'membership.json'), JSON.stringify(membership));
  return dir;
};

test('installs a user unit and starts it, and takes both away', () => {
  const dir = enrolled();
  const { file, unit } = install(system(), dir, ['/usr/bin/node', '/opt/heap-agent.mjs']);
  expect(file).toBe(path.join(home, '.config/systemd/user/openheaps-agent.service'));
  expect(fs.readFileSync(file, 'utf8')).toBe(unit);
  expect(unit).toContain(`ExecStart="/usr/bin/node" "/opt/heap-agent.mjs" "--dir" "${dir}"`);
  expect(calls).toEqual(['daemon-reload', 'enable --now openheaps-agent.service']);
  uninstall(system());
  expect(fs.existsSync(file)).toBe(false);
  expect(calls.slice(2)).toEqual(['disable --now openheaps-agent.service', 'daemon-reload']);
  expect(() => uninstall(system())).toThrow('not installed');
});

test('what systemd would read otherwise is quoted', () => {
  expect(unitText(['/a b', 'c"d', 'e\\f', '50%', '$HOME'])).toContain('ExecStart="/a b" "c\\"d" "e\\\\f" "50%%" "$$HOME"');
});

test.each<[string, Partial<System>, string]>([
  ['no systemd', { booted: '/nowhere/to/be/found' }, 'no_systemd'],
  ['another system', { platform: 'darwin' }, 'no_systemd'],
])('refuses where there is %s, with a sentence', (_, over, code) => {
  const dir = enrolled();
  expect(() => install(system(over), dir, ['node'])).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining('heap agent') }),
  );
  expect(calls).toEqual([]);
});

test('refuses for a device that is in no heap: a service cannot be given a code', () => {
  expect(() => install(system(), home, ['node'])).toThrow(expect.objectContaining({ code: 'not_enrolled' }));
});

test("the settings that it was installed with are the service's, but for a code that was used", () => {
  const settings = keptSettings({
    HEAP_AGENT_SLOTS: '2',
    HEAP_AGENT_NAME: '50% "attic" $1',
    HEAP_ENROLMENT_CODE: 'x'.repeat(20),
    HEAP_AGENT_DIR: '/d',
    HEAP_NAME: 'n',
  });
  const unit = unitText(['node'], settings);
  expect(unit.split('\n').filter((line) => line.startsWith('Environment='))).toEqual([
    'Environment="HEAP_LOG_FORMAT=json"',
    'Environment="HEAP_AGENT_NAME=50%% \\"attic\\" $1"',
    'Environment="HEAP_AGENT_SLOTS=2"',
  ]);
});

test('a service manager that fails is told of with what to do', () => {
  const failing = system({
    systemctl: () => {
      throw new Error('Command failed: systemctl --user daemon-reload');
    },
  });
  expect(() => install(failing, enrolled(), ['node'])).toThrow(
    expect.objectContaining({ code: 'service_manager_failed', message: expect.stringContaining('loginctl enable-linger') }),
  );
});
