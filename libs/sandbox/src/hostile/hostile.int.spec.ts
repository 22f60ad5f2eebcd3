import { HeapError } from '#units';
import { type Ran, runJs, runWasm, wat } from '../node/testing/support.js';
import { isDeterministic } from '../port.js';
import { HOSTILE_CASES, type HostileCase } from './cases.js';
import { textFiles } from './text-files.js';

function run(test: HostileCase): Pick<Ran, 'verdict' | 'text' | 'fuel_used' | 'memory_peak_bytes'> {
  try {
    const view = { files: textFiles(test.files) };
    const features = { bulk_memory: true, reference_types: true, simd: true };
    return test.kind === 'wasm' ? runWasm(wat(test.source, features), test.limits, view) : runJs(test.source, null, test.limits, view);
  } catch (error) {
    if (error instanceof HeapError && error.code === 'module_refused')
      return { verdict: 'refused', text: '', fuel_used: 0n, memory_peak_bytes: 0 };
    throw error;
  }
}

describe('a hostile task', () => {
  test.each(HOSTILE_CASES.map((c) => [`${c.kind}: ${c.name}, by ${c.defence}`, c] as const))('is stopped: %s', (_, hostile) => {
    const ran = run(hostile);
    if (hostile.ends === 'contained') expect(isDeterministic(ran.verdict)).toBe(true);
    else expect(ran.verdict).toBe(hostile.ends);
    if (hostile.output !== undefined) expect(ran.text).toBe(hostile.output);
    expect(ran.memory_peak_bytes).toBeLessThanOrEqual(16 * 1024 * 1024);
    expect(ran.fuel_used).toBeLessThanOrEqual(hostile.limits?.fuel ?? 200_000_000n);
  });

  test('there are enough of them', () => {
    expect(HOSTILE_CASES.length).toBeGreaterThanOrEqual(60);
  });
});
