import { describeIsolation } from './layers.js';

const sentence = 'Bubblewrap is not installed.';

describe('describeIsolation', () => {
  test('says what holds', () => {
    const words = describeIsolation({ holds: ['permission-model', 'rlimits', 'cgroup', 'bubblewrap'], missing: [] });
    expect(words).toHaveLength(4);
    expect(words[0]).toMatch(/no network and see none of your files/);
    expect(words.join(' ')).not.toMatch(/could open/);
  });

  test('says what is open where little holds', () => {
    const words = describeIsolation({ holds: ['permission-model'], missing: [{ layer: 'bubblewrap', code: 'not_installed', sentence }] });
    expect(words).toContain('A task that broke out of WebAssembly could read your files and open network connections here.');
    expect(words.at(-1)).toBe(sentence);
  });

  test('a namespace closes the network', () => {
    const words = describeIsolation({ holds: ['namespaces'], missing: [{ layer: 'bubblewrap', code: 'probe_failed', sentence }] });
    expect(words).toEqual([
      'Tasks run in processes that have no network.',
      'A task that broke out of WebAssembly could read your files here.',
      sentence,
    ]);
  });
});
