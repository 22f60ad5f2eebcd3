import type { Command } from 'commander';
import { Heap } from '#sdk';
import type { Terminal } from './terminal.js';

/** What every command gets: its streams, and the heap named by --url or found by the SDK. */
export class Context {
  constructor(
    readonly program: Command,
    readonly terminal: Terminal,
  ) {}

  get url(): string | undefined {
    return this.program.opts<{ url?: string }>().url;
  }

  heap(): Heap {
    const { url } = this;
    // Who types a command wants to hear soon that the heap is not there; running jobs are more patient anyway.
    return new Heap({ retries: 2, ...(url !== undefined && { url }) });
  }
}
