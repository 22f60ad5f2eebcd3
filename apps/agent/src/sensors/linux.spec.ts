import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { linuxSensors } from './linux.js';

let root = '';
let wall_ms = Date.UTC(2026, 0, 1);
let asked: string[] = [];
let answers: Record<string, string | null> = {};
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'a system '));
  wall_ms = Date.UTC(2026, 0, 1);
  asked = [];
  answers = {};
});
afterEach(() => fs.rmSync(root, { recursive: true }));

function write(files: Record<string, string>): void {
  for (const [file, text] of Object.entries(files)) {
    const place = path.join(root, file);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.writeFileSync(place, `${text}\n`);
  }
}

const sensors = () =>
  linuxSensors({
    root,
    cores: 4,
    wall_ms: () => wall_ms,
    ask: async (program) => {
      asked.push(program);
      return answers[program] ?? null;
    },
  });

const supply = (name: string, files: Record<string, string>) =>
  write(Object.fromEntries(Object.entries(files).map(([file, text]) => [`sys/class/power_supply/${name}/${file}`, text])));

const NOTHING = { battery: null, charging: null, temperature_c: null, cpu_temperature_c: null, metered: null, idle_ms: null, others: null };

test('a system that tells nothing: every reading is unknown, every rule has its reason', async () => {
  const readings = await sensors().read();
  expect(readings).toMatchObject({ ...NOTHING, load: null, memory_pressure: null });
  expect(Object.values(readings.unreadable).every((sentence) => sentence.endsWith('.'))).toBe(true);
  expect(asked).toEqual([]);
});

describe('power supplies', () => {
  test.each<[string, Record<string, Record<string, string>>, number | null, boolean | null]>([
    [
      'a laptop on the mains',
      { AC: { type: 'Mains', online: '1' }, BAT0: { type: 'Battery', capacity: '81', status: 'Charging' } },
      0.81,
      true,
    ],
    [
      'a laptop on its battery',
      { AC: { type: 'Mains', online: '0' }, BAT0: { type: 'Battery', capacity: '81', status: 'Discharging' } },
      0.81,
      false,
    ],
    [
      'one kept at its limit',
      { AC: { type: 'Mains', online: '1' }, BAT0: { type: 'Battery', capacity: '80', status: 'Not charging' } },
      0.8,
      true,
    ],
    ['a phone by its cable', { usb: { type: 'USB', online: '1' }, battery: { type: 'Battery', capacity: '100', status: 'Full' } }, 1, true],
    [
      'two batteries: the emptier counts',
      { BAT0: { type: 'Battery', capacity: '90', status: 'Full' }, BAT1: { type: 'Battery', capacity: '20', status: 'Discharging' } },
      0.2,
      false,
    ],
    ['a mouse with a battery', { hidpp: { type: 'Battery', scope: 'Device', capacity: '5', status: 'Discharging' } }, null, null],
    ['an empty bay', { BAT0: { type: 'Battery', present: '0', capacity: '0', status: 'Unknown' } }, null, null],
    ['nonsense', { BAT0: { type: 'Battery', capacity: 'much', status: 'Unknown' } }, null, null],
  ])('%s', async (_, supplies, battery, charging) => {
    for (const [name, files] of Object.entries(supplies)) supply(name, files);
    expect(await sensors().read()).toMatchObject({ battery, charging });
  });

  test("the battery's warmth is in tenths of a degree, and goes before the zones", async () => {
    supply('battery', { type: 'Battery', capacity: '50', status: 'Full', temp: '384' });
    write({ 'sys/class/thermal/thermal_zone0/type': 'skin-therm', 'sys/class/thermal/thermal_zone0/temp': '31000' });
    expect(await sensors().read()).toMatchObject({ temperature_c: 38.4 });
  });
});

test('thermal zones: the hottest of the processor and of the case; absurd ones do not count', async () => {
  const zone = (n: number, type: string, temp: string) =>
    write({ [`sys/class/thermal/thermal_zone${n}/type`]: type, [`sys/class/thermal/thermal_zone${n}/temp`]: temp });
  zone(0, 'x86_pkg_temp', '61000');
  zone(1, 'cpu-1-0-usr', '72500');
  zone(2, 'iwlwifi_1', '99000');
  zone(3, 'quiet_therm', '33000');
  zone(4, 'cpu-1-1-usr', '-273000');
  write({ 'sys/class/thermal/cooling_device0/type': 'cpu' });
  expect(await sensors().read()).toMatchObject({ temperature_c: 33, cpu_temperature_c: 72.5 });
});

test('what other programs use is the processor without what runs at a lowered priority', async () => {
  const device = sensors();
  write({ 'proc/stat': 'cpu  1000 500 200 5000 100 10 20 0 0 0', 'proc/loadavg': '3.00 2.00 1.00 2/345 6789' });
  write({ 'proc/pressure/memory': 'some avg10=12.50 avg60=1.00 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0' });
  expect(await device.read()).toMatchObject({ others: null, load: 0.75, memory_pressure: 0.125 });
  // 100 ticks: 20 of programs, 60 of sandboxes, 20 idle.
  write({ 'proc/stat': 'cpu  1010 560 206 5015 105 11 23 0 0 0' });
  expect((await device.read()).others).toBeCloseTo(0.2);
});

describe('the network', () => {
  const route = (name: string, metric: number) => `${name}\t00000000\t0101A8C0\t0003\t0\t0\t${metric}\t00000000\t0\t0\t0`;

  test.each<[string, string | null, string, boolean | null]>([
    ['NetworkManager says yes', 'yes', 'wlan0', true],
    ['it guesses yes', 'yes (guessed)', 'wlan0', true],
    ['it guesses no', 'no (guessed)', 'wlan0', false],
    ['it does not know', 'unknown', 'wlan0', null],
    ['there is none', null, 'eth0', null],
    ['there is none, and the way goes by a modem', null, 'wwan0', true],
  ])('%s', async (_, said, name, metered) => {
    answers.nmcli = said;
    write({ 'proc/net/route': `Iface\tDestination\n${route('docker0', 700)}\n${route(name, 100)}` });
    expect((await sensors().read()).metered).toBe(metered);
  });

  test('is asked for once a minute, and when the way changes', async () => {
    answers.nmcli = 'no';
    const device = sensors();
    write({ 'proc/net/route': route('wlan0', 100) });
    for (let i = 0; i < 10; i++) await device.read();
    expect(asked).toEqual(['nmcli']);
    answers.nmcli = 'yes';
    write({ 'proc/net/route': route('wlan1', 100) });
    expect((await device.read()).metered).toBe(true);
    wall_ms += 60_000;
    await device.read();
    expect(asked).toHaveLength(3);
  });

  test('only the sixth version of the protocol', async () => {
    answers.nmcli = 'no';
    const zeros = '0'.repeat(32);
    write({ 'proc/net/ipv6_route': `${zeros} 00 ${zeros} 00 fe80 00000400 00000001 00000000 00000003 eth0` });
    expect((await sensors().read()).metered).toBe(false);
  });
});

describe('use', () => {
  const touched = (file: string, ago_ms: number) => {
    write({ [file]: '' });
    fs.utimesSync(path.join(root, file), (wall_ms - ago_ms) / 1_000, wall_ms / 1_000);
  };

  test('of terminals is when they were last read from, whatever was written to them', async () => {
    touched('dev/tty1', 500_000);
    touched('dev/pts/3', 7_000);
    touched('dev/pts/ptmx', 0);
    touched('dev/tty0', 0);
    expect(Math.round((await sensors().read()).idle_ms ?? 0)).toBe(7_000);
    expect(asked).toEqual([]);
  });

  test('of a desktop is what logind says, asked every five seconds', async () => {
    write({ 'run/systemd/sessions/2': 'UID=1000\nACTIVE=1\nTYPE=wayland' });
    answers.loginctl = 'IdleHint=no\nIdleSinceHint=0';
    const device = sensors();
    expect((await device.read()).idle_ms).toBe(0);
    answers.loginctl = `IdleHint=yes\nIdleSinceHint=${(wall_ms - 300_000) * 1_000}`;
    wall_ms += 4_000;
    expect((await device.read()).idle_ms).toBe(0);
    wall_ms += 1_000;
    expect((await device.read()).idle_ms).toBe(305_000);
    wall_ms += 1_000;
    expect((await device.read()).idle_ms).toBe(306_000);
    expect(asked).toEqual(['loginctl', 'loginctl']);
  });

  test('a session at a terminal asks nobody', async () => {
    write({ 'run/systemd/sessions/c1': 'UID=1000\nACTIVE=1\nTYPE=tty' });
    expect((await sensors().read()).idle_ms).toBeNull();
    expect(asked).toEqual([]);
  });
});

test('this very system can be read', async () => {
  if (process.platform !== 'linux') return;
  const readings = await linuxSensors().read();
  expect(readings.load).toEqual(expect.any(Number));
});
