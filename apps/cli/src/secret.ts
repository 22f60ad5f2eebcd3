import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { HeapError } from '#units';
import type { Terminal } from './terminal.js';

/** A secret from the keyboard, not shown, or from standard input where nobody sits at it. */
export async function secret(terminal: Terminal, what: string): Promise<string> {
  if (!terminal.stdin.isTTY) return (await text(terminal.stdin)).trim();
  terminal.stderr.write(`${what} (not shown): `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: terminal.stdin, output: silent, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      prompt.question('', (answer) => resolve(answer.trim()));
      prompt.once('SIGINT', () => reject(new HeapError('interrupted', 'Interrupted.', 'user')));
    });
  } finally {
    prompt.close();
    terminal.note('');
  }
}
