import { setTimeout as sleep } from 'node:timers/promises';
import type { Heap, Terms } from '#sdk';

/** `(module (memory (export "memory") 1) (func (export "_start")))`: what is measured is the heap, not the task. */
export const NOTHING = Uint8Array.from(
  Buffer.from('0061736d01000000010401600000030201000503010001071302066d656d6f72790200065f737461727400000a040102000b', 'hex'),
);

export async function* nothings(count: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < count; i++) yield new Uint8Array(0);
}

/** A node may send 50 frames a second: lone tasks come with this pause, or they would queue for the limit. */
const PAUSE_MS = 50;

/** One task at a time on an open job whose lease is there already: from the append to the result in the stream, in ms. */
export async function lone(heap: Heap, count: number, terms: Terms): Promise<number[]> {
  const latencies: number[] = [];
  let sent_ms = 0;
  let next: () => void = () => {};
  async function* oneByOne(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < count; i++) {
      sent_ms = performance.now();
      yield new Uint8Array(0);
      await new Promise<void>((resolve) => {
        next = resolve;
      });
      await sleep(PAUSE_MS);
    }
  }
  for await (const _ of heap.map({ module: NOTHING, codec: 'bytes' }, oneByOne(), terms)) {
    latencies.push(performance.now() - sent_ms);
    next();
  }
  // The first tasks wait for the lease and warm code and sandbox.
  return latencies.slice(Math.min(20, Math.floor(count / 4)));
}
