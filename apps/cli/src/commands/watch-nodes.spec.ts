import { PassThrough } from 'node:stream';
import type { Heap, NodeInfo, PresenceNews } from '#sdk';
import { Terminal } from '../terminal.js';
import { watchNodes } from './watch-nodes.js';

const REASON = { code: 'held_by_owner', sentence: 'Back at nine.' };
const news = (seq: string, ...states: PresenceNews['nodes'][number]['state'][]): PresenceNews => ({
  seq,
  snapshot: seq === '7',
  nodes: states.map((state, i) => ({ node_id: `n${i}`, state, reason: REASON, changed_at: '2026-11-30T06:00:00.000Z' })),
});

/** A feed that ends by an error, as one whose heap is gone for good. */
function heap(...all: PresenceNews[]): Heap {
  let looks = 0;
  return {
    watchNodes: async function* () {
      for (const one of all) {
        yield one;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      throw new Error('the heap is gone');
    },
    nodes: async () => [{ id: `look ${++looks}` } as NodeInfo],
  } as unknown as Heap;
}

const FEED = [news('7', 'idle', 'paused'), news('9', 'busy')];
const out = new PassThrough();
const terminal = (json: boolean, isTTY = false) => new Terminal(new PassThrough(), Object.assign(out, { isTTY }), new PassThrough(), json);

test.each([
  [
    true,
    ['{"seq":"7","node_id":"n0","state":"idle"', '{"seq":"7","node_id":"n1","state":"paused"', '{"seq":"9","node_id":"n0","state":"busy"'],
  ],
  [
    false,
    [
      '2026-11-30T06:00:00.000Z  n0  idle  Back at nine. (held_by_owner)',
      '2026-11-30T06:00:00.000Z  n1  paused',
      '2026-11-30T06:00:00.000Z  n0  busy',
    ],
  ],
])('without a screen: a line a change, as JSON: %s', async (json, begins) => {
  await expect(watchNodes(heap(...FEED), terminal(json), {}, () => 'a table')).rejects.toThrow('gone');
  const lines = String(out.read()).trim().split('\n');
  expect(lines).toEqual(begins.map((text) => expect.stringContaining(text)));
});

test('on a screen: a table that is drawn anew', async () => {
  await expect(watchNodes(heap(...FEED), terminal(false, true), {}, (nodes) => nodes.map(({ id }) => id).join())).rejects.toThrow('gone');
  expect(String(out.read()).startsWith('\u001b[H\u001b[2Jlook 1\n')).toBe(true);
});
