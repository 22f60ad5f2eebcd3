import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { ReadStream } from 'node:tty';
import type { Terminal } from './terminal.js';

/**
 * Asks the person at the terminal; null where there is none. Standard input may be a program's input, so that the terminal itself is asked
 * where it can be opened.
 */
export async function ask(terminal: Terminal, question: string, signal: AbortSignal): Promise<string | null> {
  if (!terminal.stderr.isTTY) return null;
  if (terminal.stdin.isTTY) return answer(terminal, terminal.stdin, question, signal);
  const file = await open('/dev/tty', 'r').catch(() => null);
  if (!file) return null;
  const input = new ReadStream(file.fd);
  try {
    return await answer(terminal, input, question, signal);
  } finally {
    input.destroy();
    await file.close().catch(() => undefined);
  }
}

async function answer(terminal: Terminal, input: NodeJS.ReadableStream, question: string, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input, output: terminal.stderr });
  try {
    return await new Promise<string>((resolve, reject) => {
      // The end of the input, as by Ctrl-D, is no consent.
      lines.once('close', () => setImmediate(() => resolve('')));
      lines.question(question, { signal }).then(resolve, () => reject(signal.reason));
    });
  } finally {
    lines.close();
  }
}
