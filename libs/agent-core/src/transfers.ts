import { HeapError } from '#units';
import type { Ports } from './ports.js';
import { retry } from './retry.js';

export type TransferPorts = Pick<Ports, 'blobs' | 'bytes' | 'clock' | 'random'>;

const gone = () => new HeapError('transfer_cancelled', 'The transfer is no longer wanted.', 'platform');

/** Bytes to and from the heap: waits for a session, tries again what may pass, checks what arrives against its hash. */
export class Transfers {
  private readonly waiting = new Set<(token: string) => void>();

  constructor(
    private readonly ports: TransferPorts,
    private readonly token: () => string | null,
  ) {}

  /** A session is up: go on. */
  online(): void {
    const token = this.token();
    if (token === null) return;
    for (const go of [...this.waiting]) go(token);
  }

  async get(hash: string, bytes: number, signal: AbortSignal): Promise<Uint8Array> {
    const body = await this.trying(signal, (token) => this.ports.blobs.get(hash, token));
    if (body.length !== bytes || (await this.ports.bytes.sha256(body)) !== hash)
      throw new HeapError(
        'blob_corrupt',
        `The heap sent ${body.length} bytes that do not match the hash ${hash} of ${bytes} bytes.`,
        'platform',
      );
    return body;
  }

  put(hash: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.trying(signal, (token) => this.ports.blobs.put(hash, bytes, token));
  }

  private trying<T>(signal: AbortSignal, attempt: (token: string) => Promise<T>): Promise<T> {
    const { clock, random } = this.ports;
    return retry(async () => attempt(await this.session(signal)), {
      attempts: 6,
      base_ms: 200,
      cap_ms: 10_000,
      clock,
      random,
      wanted: () => !signal.aborted,
    });
  }

  private session(signal: AbortSignal): Promise<string> {
    if (signal.aborted) return Promise.reject(gone());
    const token = this.token();
    if (token !== null) return Promise.resolve(token);
    return new Promise((resolve, reject) => {
      const settle = () => {
        this.waiting.delete(go);
        signal.removeEventListener('abort', stop);
      };
      const go = (fresh: string) => {
        settle();
        resolve(fresh);
      };
      const stop = () => {
        settle();
        reject(gone());
      };
      this.waiting.add(go);
      signal.addEventListener('abort', stop);
    });
  }
}
