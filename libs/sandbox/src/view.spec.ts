import { LIMITS } from './node/testing/support.js';
import { describeView } from './view.js';

const NOTHING = { files: [], scratch: null };
const file = (bytes: number) => ({ path: 'a', hash: '0'.repeat(64), bytes });

describe('describeView', () => {
  test('says what a JavaScript task may see and use', () => {
    expect(describeView(NOTHING, LIMITS, { kind: 'javascript', imports: [] })).toEqual([
      'It sees its own input and nothing else: no files, no network, no other task, nothing of this device.',
      'It may hold at most 16 MB of memory and run at most 5 s a task.',
      'It may answer at most 64 KB and keep 1 KB of logs.',
      'Its clock does not tell the real time.',
      'Its randomness follows from a seed.',
    ]);
  });

  test('leaves out what a module does not ask for', () => {
    const limits = { ...LIMITS, log_bytes: 0, output_bytes: 500, wall_ms: 250 };
    const said = describeView(NOTHING, limits, { kind: 'wasm', imports: ['wasi_snapshot_preview1.random_get'] });
    expect(said.slice(1)).toEqual([
      'It may hold at most 16 MB of memory and run at most 250 ms a task.',
      'It may answer at most 500 bytes.',
      'Its randomness follows from a seed.',
    ]);
  });

  test('counts the files that the job brings along, and the room it asks for', () => {
    const said = describeView({ files: [file(3_000_000), file(250_000)], scratch: { bytes: 16 * 1024 * 1024, files: 10 } }, LIMITS);
    expect(said.slice(0, 3)).toEqual([
      'It may read 2 input files (3.1 MB in all).',
      'It may keep 16 MB of scratch files in memory until the task ends.',
      'Beside that it sees its own input and nothing else: no network, no other task, nothing of this device.',
    ]);
    expect(describeView({ files: [file(100)], scratch: null }, LIMITS)[0]).toBe('It may read an input file (100 bytes in all).');
  });
});
