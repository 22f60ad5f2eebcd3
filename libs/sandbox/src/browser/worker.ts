/** The script of a sandbox worker, bundled whole by `infra/local/build-browser.mjs`. */
import type { Port } from './dom.js';
import { serve } from './serve.js';

void (globalThis as unknown as { heapPort: Promise<Port> }).heapPort.then((port) => serve(port));
