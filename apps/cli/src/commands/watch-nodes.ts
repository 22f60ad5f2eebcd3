import { setTimeout as sleep } from 'node:timers/promises';
import type { Heap, NodeInfo } from '#sdk';
import { EXIT } from '../exit-codes.js';
import { interruptible } from '../interrupt.js';
import type { Terminal } from '../terminal.js';

/** A table is drawn no more often than eyes follow. */
const DRAW_MS = 250;
const HOME_AND_CLEAR = '\u001b[H\u001b[2J';

interface WatchOptions {
  /** Go on behind this change. */
  after?: string;
  /** For admins: everybody's devices, as plain lines. */
  all?: boolean;
}

/** `heap nodes --watch`: a table that follows, or for programs and files one line a change. */
export function watchNodes(
  heap: Heap,
  terminal: Terminal,
  options: WatchOptions,
  text: (nodes: readonly NodeInfo[]) => string,
): Promise<number> {
  return interruptible(terminal, async (signal) => {
    const drawn = terminal.stdout.isTTY === true && !terminal.json && !options.all;
    await (drawn ? draw(heap, terminal, signal, text) : lines(heap, terminal, { ...options, signal }));
    return EXIT.ok;
  });
}

async function lines(heap: Heap, terminal: Terminal, options: WatchOptions & { signal: AbortSignal }): Promise<void> {
  for await (const { seq, nodes } of heap.watchNodes(options))
    for (const { node_id, state, changed_at, reason } of nodes)
      await (terminal.json
        ? terminal.line({ seq, node_id, state, changed_at, reason })
        : terminal.write(`${changed_at}  ${node_id}  ${state}  ${reason.sentence} (${reason.code})\n`));
}

/** The news says when to look; scores and slots are not in it. */
async function draw(heap: Heap, terminal: Terminal, signal: AbortSignal, text: (nodes: readonly NodeInfo[]) => string): Promise<void> {
  let fresh = false;
  let wake = (): void => undefined;
  const reading = (async () => {
    for await (const _ of heap.watchNodes({ signal })) {
      fresh = true;
      wake();
    }
  })();
  // Its failure ends the drawing, whenever it comes.
  const failed = reading.then(() => false);
  failed.catch(() => undefined);
  for (;;) {
    if (!fresh)
      await Promise.race([
        failed,
        new Promise<void>((resolve) => {
          wake = resolve;
        }),
      ]);
    fresh = false;
    await terminal.write(`${HOME_AND_CLEAR}${text(await heap.nodes())}\n`);
    await Promise.race([failed, sleep(DRAW_MS)]);
  }
}
