import { openSlot } from '#sandbox/node';
import { PLATFORM_NAMES, TASK_GLOBALS } from './task-globals.js';

const LIMITS = {
  fuel: 10n ** 9n,
  stack_bytes: 256 * 1024,
  memory_bytes: 128 * 1024 * 1024,
  output_bytes: 65_536,
  log_bytes: 0,
  wall_ms: 5_000,
};
const utf8 = new TextEncoder();

test('what functions may use is what the sandbox has', async () => {
  const slot = await openSlot();
  try {
    const bytes = utf8.encode('export default () => Object.getOwnPropertyNames(globalThis)');
    const { module_hash } = await slot.load({ kind: 'javascript', codec: 'json', bytes });
    const { output } = await slot.run(module_hash, { input: utf8.encode('null') }, LIMITS);
    const there: string[] = JSON.parse(new TextDecoder().decode(output));
    expect([...TASK_GLOBALS].sort()).toEqual(there.sort());
    expect(there.filter((name) => PLATFORM_NAMES.has(name))).toEqual([]);
  } finally {
    await slot.close();
  }
});
