import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import wabt from 'wabt';
import type { RunLimits, RunOutcome, RunTask, SandboxSlot } from '#sandbox';
import { SPEED_WASM, SPEED_WAT } from '../../../libs/agent-core/src/speed-program.js';
import { speed } from './speed.js';

test('the program is what its source says', async () => {
  const { parseWat } = await wabt();
  expect(Buffer.from(parseWat('speed.wat', SPEED_WAT).toBinary({}).buffer)).toEqual(Buffer.from(SPEED_WASM));
});

/** Burns `rate` fuel a millisecond by its own account. */
function slotOf(rate: number, verdict: RunOutcome['verdict'] = 'out-of-fuel') {
  const runs: bigint[] = [];
  const slot = {
    load: async () => ({ module_hash: 'm', metered_hash: 'm', meter_id: 'x', kind: 'wasm' as const, bytes: 1, imports: [] }),
    run: async (_: string, __: RunTask, { fuel }: RunLimits) => {
      runs.push(fuel);
      return { verdict, detail: null, fuel_used: fuel, wall_ms: Number(fuel) / rate } as RunOutcome;
    },
    close: async () => {},
  };
  return { slot: slot as unknown as SandboxSlot, runs };
}

describe('measuring', () => {
  let dir = '';
  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'speed '));
  });
  afterEach(() => fs.rmSync(dir, { recursive: true }));

  test.each([5_000, 100_000, 2_000_000])('finds %i fuel per ms without running for long', async (rate) => {
    const { slot, runs } = slotOf(rate);
    expect(await speed(dir, async () => slot)).toBe(rate);
    const total_ms = runs.reduce((sum, fuel) => sum + Number(fuel) / rate, 0);
    expect(total_ms).toBeLessThan(2_000);
  });

  test('is done once', async () => {
    await speed(dir, async () => slotOf(1_000).slot);
    expect(await speed(dir, () => Promise.reject(new Error('not again')))).toBe(1_000);
    fs.writeFileSync(path.join(dir, 'speed.json'), '{"meter_id":"older"}');
    expect(await speed(dir, async () => slotOf(3_000).slot)).toBe(3_000);
  });

  test('a sandbox that does not burn fuel is said to be broken', async () => {
    await expect(speed(dir, async () => slotOf(1_000, 'refused').slot)).rejects.toThrow(/could not be measured/);
  });
});
