import { LIMITS } from './node/testing/support.js';
import { describeView } from './view.js';

describe('describeView', () => {
  test('says what a JavaScript task may see and use', () => {
    expect(describeView({ kind: 'javascript', imports: [] }, LIMITS)).toEqual([
      'It sees its own input and nothing else: no files, no network, no other task, nothing of this device.',
      'It may hold at most 16 MB of memory and run at most 5 s a task.',
      'It may answer at most 64 KB and keep 1 KB of logs.',
      'Its clock does not tell the real time.',
      'Its randomness follows from a seed.',
    ]);
  });

  test('leaves out what a module does not ask for', () => {
    const limits = { ...LIMITS, log_bytes: 0, output_bytes: 500, wall_ms: 250 };
    const said = describeView({ kind: 'wasm', imports: ['wasi_snapshot_preview1.random_get'] }, limits);
    expect(said.slice(1)).toEqual([
      'It may hold at most 16 MB of memory and run at most 250 ms a task.',
      'It may answer at most 500 bytes.',
      'Its randomness follows from a seed.',
    ]);
  });
});
