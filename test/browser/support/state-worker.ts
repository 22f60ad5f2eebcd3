/** The sandbox worker, but for its hash: see `stateHash`. */

import type { Port } from '../../../libs/sandbox/src/browser/dom.js';
import { serve } from '../../../libs/sandbox/src/browser/serve.js';
import { sha256Hex } from '../../../libs/sandbox/src/runtime/sha256.js';
import { stateHash } from './state-hash.js';

void (globalThis as unknown as { heapPort: Promise<Port> }).heapPort.then((port) => serve(port, stateHash(sha256Hex)));
