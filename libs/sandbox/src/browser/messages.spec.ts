import { within } from '../outcome-check.js';
import type { RunOutcome } from '../port.js';
import { readReply, readRequest } from './messages.js';

const HASH = 'a'.repeat(64);
const LIMITS = { fuel: 100n, stack_bytes: 1, memory_bytes: 65_536, output_bytes: 4, log_bytes: 4, wall_ms: 1 };
const OUTCOME: RunOutcome = {
  verdict: 'ok',
  detail: null,
  exit_code: 0,
  fuel_used: 7n,
  output: new Uint8Array(3),
  output_hash: HASH,
  logs: 'said',
  memory_peak_bytes: 65_536,
  wall_ms: 0.5,
};
const outcome = (more: object) => ({ op: 'outcome', held_bytes: 1, outcome: { ...OUTCOME, ...more } });
const ADMISSION = { module_hash: HASH, metered_hash: HASH, meter_id: 'm', kind: 'wasm', bytes: 3, imports: ['a.b'] };
const loaded = (more: object) => ({ op: 'loaded', key: HASH, held_bytes: 1, admission: { ...ADMISSION, ...more } });

describe('what a sandbox worker says', () => {
  test.each([
    ['ready', { op: 'ready', held_bytes: 0 }],
    ['loaded', loaded({})],
    ['refused', { op: 'refused', held_bytes: 0, message: 'no', details: { reason: 'no', byte_offset: 4 } }],
    ['an outcome', outcome({})],
    ['an outcome without an exit code', outcome({ verdict: 'trap', detail: 'unreachable', exit_code: null })],
  ])('is read: %s', (_, message) => {
    expect(readReply(message)).toEqual(message);
  });

  test.each<[string, unknown]>([
    ['nothing', null],
    ['a string', 'ready'],
    ['an unknown kind', { op: 'token', held_bytes: 0 }],
    ['no measure of memory', { op: 'ready' }],
    ['a negative measure of memory', { op: 'ready', held_bytes: -1 }],
    ['an unknown verdict', outcome({ verdict: 'paid' })],
    ['a verdict that is a list', outcome({ verdict: ['ok'] })],
    ['fuel as a number', outcome({ fuel_used: 7 })],
    ['negative fuel', outcome({ fuel_used: -1n })],
    ['output that is text', outcome({ output: 'abc' })],
    ['output that lies in a larger buffer', outcome({ output: new Uint8Array(1 << 20).subarray(0, 3) })],
    ['output in shared memory', outcome({ output: new Uint8Array(new SharedArrayBuffer(3)) })],
    ['a hash in capitals', outcome({ output_hash: HASH.toUpperCase() })],
    ['a hash with a tail', outcome({ output_hash: `${HASH}\n` })],
    ['a detail that is an object', outcome({ detail: { toString: 'no' } })],
    ['a detail without end', outcome({ detail: 'x'.repeat(1 << 20) })],
    ['an exit code that is none', outcome({ exit_code: Number.NaN })],
    ['a wall time that is none', outcome({ wall_ms: Number.POSITIVE_INFINITY })],
    ['an outcome that is none', { op: 'outcome', held_bytes: 0, outcome: null }],
    ['a short module hash', loaded({ module_hash: 'abc' })],
    ['an unknown kind of module', loaded({ kind: 'native' })],
    ['imports that are no names', loaded({ imports: [{}] })],
    ['imports without end', loaded({ imports: new Array(5000).fill('a.b') })],
    ['a key without end', { ...loaded({}), key: 'x'.repeat(1000) }],
    ['details within details', { op: 'refused', held_bytes: 0, message: 'no', details: { a: { b: 1 } } }],
    ['details without end', { op: 'refused', held_bytes: 0, message: 'no', details: Object.fromEntries([...Array(99).keys()].entries()) }],
  ])('is not read: %s', (_, message) => {
    expect(readReply(message)).toBeNull();
  });

  test('is passed on without what nobody asked for', () => {
    expect(readReply({ ...outcome({ token: 'x' }), port: 1 })).toEqual(outcome({}));
  });

  test.each<[boolean, Partial<RunOutcome>]>([
    [true, {}],
    [false, { fuel_used: 101n }],
    [false, { output: new Uint8Array(5) }],
    [false, { logs: 'too long' }],
    [false, { memory_peak_bytes: 65_537 }],
  ])('is within the limits: %s for %p', (expected, more) => {
    expect(within({ ...OUTCOME, ...more }, LIMITS)).toBe(expected);
  });
});

describe('what a page asks', () => {
  const run = (more: object) => ({ op: 'run', key: HASH, task: { input: new Uint8Array(1) }, limits: LIMITS, ...more });

  test.each<object>([
    { op: 'engine', bytes: new Uint8Array(1) },
    { op: 'load', kind: 'wasm', codec: 'bytes', bytes: new Uint8Array(1) },
    { op: 'forget', key: HASH },
    run({}),
  ])('is read: %p', (message) => {
    expect(readRequest(message)).toEqual(message);
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['an unknown request', { op: 'fetch', key: HASH }],
    ['an engine that is text', { op: 'engine', bytes: 'x' }],
    ['an unknown kind of module', { op: 'load', kind: 'native', codec: 'bytes', bytes: new Uint8Array(1) }],
    ['a run without a task', run({ task: null })],
    ['a run whose input is text', run({ task: { input: 'x' } })],
    ['a run with fuel that is a number', run({ limits: { ...LIMITS, fuel: 5 } })],
    ['a run with a limit missing', run({ limits: { ...LIMITS, output_bytes: undefined } })],
  ])('is not read: %s', (_, message) => {
    expect(readRequest(message)).toBeNull();
  });
});
