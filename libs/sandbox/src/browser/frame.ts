import { sha256Hex } from '../runtime/sha256.js';
import { type FrameElement, newChannel, type PageDocument, type Port } from './dom.js';
import { LOCKDOWN } from './lockdown.js';

/** The one script of the frame: it starts a worker of what the page hands it, gives it its port, and says when it failed. */
const BOOTSTRAP = `addEventListener('message', function start(event) {
  if (event.source !== parent) return;
  removeEventListener('message', start);
  const [control, port] = event.ports;
  const worker = new Worker(URL.createObjectURL(new Blob([event.data], { type: 'text/javascript' })));
  worker.onerror = (error) => control.postMessage(String(error.message));
  worker.postMessage(null, [port]);
});`;

const encoder = new TextEncoder();

function base64(hex: string): string {
  return btoa(String.fromCharCode(...(hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16))));
}

/**
 * What the frame is allowed, and nothing else. A frame inherits its page's policy, so that a page which has one of its own must allow these
 * two as well.
 */
export const FRAME_POLICY = {
  'script-src': `'sha256-${base64(sha256Hex(encoder.encode(BOOTSTRAP)))}' 'wasm-unsafe-eval'`,
  'worker-src': 'blob:',
} as const;

const CSP = ["default-src 'none'", "connect-src 'none'", ...Object.entries(FRAME_POLICY).map(([name, value]) => `${name} ${value}`)].join(
  '; ',
);

const HTML = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${CSP}"><script>${BOOTSTRAP}</script>`;

const FAILURE_CHARACTERS_MAX = 500;

/** A worker in a frame of an origin that is nobody's. */
export interface SandboxFrame {
  /** Speaks with the worker, directly. */
  readonly port: Port;
  /** Ends the worker and forgets its origin, at once. */
  remove(): void;
}

/**
 * Starts `worker_source` in a worker inside `<iframe sandbox="allow-scripts">`. `onFailure` is told why when it does not start or throws what
 * it does not catch. `prelude` runs before the source; tests leave it out to show what the policy stops by itself.
 */
export function openFrame(
  document: PageDocument,
  worker_source: string,
  onFailure: (why: string) => void,
  prelude = LOCKDOWN,
): SandboxFrame {
  const frame = document.createElement('iframe');
  const control = newChannel();
  const channel = newChannel();
  frame.setAttribute('sandbox', 'allow-scripts');
  frame.setAttribute('aria-hidden', 'true');
  frame.setAttribute('referrerpolicy', 'no-referrer');
  frame.title = 'Open Heaps sandbox';
  frame.hidden = true;
  frame.srcdoc = HTML;
  frame.onload = () => {
    frame.onload = null;
    // An opaque origin has no name to address; there is nothing secret in what is sent.
    frame.contentWindow?.postMessage(prelude + worker_source, '*', [control.port2, channel.port2]);
  };
  control.port1.onmessage = ({ data }) => onFailure(`failed: ${String(data).slice(0, FAILURE_CHARACTERS_MAX)}`);
  place(document, frame);
  return {
    port: channel.port1,
    remove() {
      control.port1.close();
      channel.port1.close();
      frame.remove();
    },
  };
}

function place(document: PageDocument, frame: FrameElement): void {
  if (document.body === null) throw new Error('the page has no body yet to hold the sandbox');
  document.body.appendChild(frame as never);
}
