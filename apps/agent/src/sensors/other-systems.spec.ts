import information from 'systeminformation';
import { otherSensors, type SystemInformation } from './other-systems.js';

const laptop: SystemInformation = {
  battery: async () => ({ hasBattery: true, percent: 64, acConnected: false }),
  cpuTemperature: async () => ({ main: 55 }),
  currentLoad: async () => ({ currentLoad: 70, currentLoadNice: 60, avgLoad: 1 }),
};

test('a Mac', async () => {
  expect(await otherSensors(laptop, 'darwin').read()).toMatchObject({
    battery: 0.64,
    charging: false,
    cpu_temperature_c: 55,
    others: expect.closeTo(0.1),
    metered: null,
    idle_ms: null,
  });
});

test('Windows cannot tell the sandboxes from the rest, so that the rest is unknown', async () => {
  expect((await otherSensors(laptop, 'win32').read()).others).toBeNull();
});

test('a machine without a battery, whose system does not answer', async () => {
  const desk: SystemInformation = {
    battery: async () => ({ hasBattery: false, percent: 0, acConnected: true }),
    cpuTemperature: async () => ({ main: null }),
    currentLoad: () => Promise.reject(new Error('no')),
  };
  expect(await otherSensors(desk, 'win32').read()).toMatchObject({ battery: null, charging: null, cpu_temperature_c: null, others: null });
});

test('the library has these functions', () => {
  for (const name of ['battery', 'cpuTemperature', 'currentLoad'] as const) expect(information[name]).toEqual(expect.any(Function));
});
