import '../agent/without-eval.js';
import { Heap } from '#sdk';

let client: Heap | undefined;

/** The SDK, acting for who is signed in on this page. */
export function sdk(): Heap {
  client ??= new Heap({ url: location.origin, session: true });
  return client;
}
