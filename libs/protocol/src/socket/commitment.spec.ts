import fc from 'fast-check';
import { type Committed, commitmentText } from './commitment.js';
import { decodeFrame } from './envelope.js';
import { FROM_BROKER, FROM_NODE } from './messages.js';

const made: Committed = {
  ...{ job_id: 'j', index: 3, epoch: 1, node_id: 'n', nonce: 'r' },
  ...{ verdict: 'ok', exit_code: 0, output_hash: 'a', fuel_used: 7 },
};

test.each<[string, Partial<Committed>, boolean]>([
  ['the same', {}, true],
  ['fuel as it is counted elsewhere', { fuel_used: 7n }, true],
  ["another node's", { node_id: 'm' }, false],
  ['an earlier execution', { epoch: 2 }, false],
  ['another task', { index: 4 }, false],
  ['another job', { job_id: 'k' }, false],
  ['another output', { output_hash: 'b' }, false],
  ['more fuel', { fuel_used: 8 }, false],
  ['another nonce', { nonce: 's' }, false],
])('a commitment against %s', (_, more, same) => {
  expect(commitmentText({ ...made, ...more }) === commitmentText(made)).toBe(same);
});

test('different results have different texts', () => {
  const word = fc.string({ unit: fc.constantFrom('a', '0', '-'), minLength: 1, maxLength: 3 });
  const some = fc.record({
    ...{ job_id: word, index: fc.nat(12), epoch: fc.nat(12), node_id: word, nonce: word, verdict: word },
    ...{ exit_code: fc.option(fc.nat(2)), output_hash: word, fuel_used: fc.nat(20) },
  });
  fc.assert(
    fc.property(some, some, (a, b) => expect(commitmentText(a) === commitmentText(b)).toBe(JSON.stringify(a) === JSON.stringify(b))),
  );
});

const id = '00000000-0000-7000-8000-000000000001';
const hash = 'a'.repeat(64);
const commits = (one: object) => ({ lease_id: id, epoch: 1, commits: [one] });

test.each<[string, 'node' | 'heap', string, unknown, boolean]>([
  ['a commitment', 'node', 'commits', commits({ index: 0, epoch: 1, commitment: hash }), true],
  ['a commitment of another form', 'node', 'commits', commits({ index: 0, epoch: 1, commitment: 'A'.repeat(64) }), false],
  ['commitments of nothing', 'node', 'commits', { lease_id: id, epoch: 1, commits: [] }, false],
  ['a heap that commits', 'heap', 'commits', commits({ index: 0, epoch: 1, commitment: hash }), false],
  ['a heap that asks', 'heap', 'reveal', { lease_id: id, epoch: 1, tasks: [[0, 1]] }, true],
  ['a node that asks', 'node', 'reveal', { lease_id: id, epoch: 1, tasks: [[0, 1]] }, false],
  ['a heap that asks for nothing', 'heap', 'reveal', { lease_id: id, epoch: 1, tasks: [] }, false],
])('%s', (_, from, t, b, known) => {
  const read = () => decodeFrame(JSON.stringify({ v: 1, t, s: 1, b }), from === 'node' ? FROM_NODE : FROM_BROKER);
  if (known) expect(read()).toHaveLength(1);
  else expect(read).toThrow();
});
