import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { HeapError } from '#units';
import type { Terminal } from './terminal.js';

/** For the help of commands that take one. */
export const CAPABILITY_HELP = `
A capability may be given as it is, which other people of this machine can see while the command runs; as @file to read it from a file; as - to
read it from standard input; or not at all, and is then HEAP_CAPABILITY. Behind that of a directory may come a path: heap-r1:…/letters/first.txt,
or @file:letters/first.txt.`;

/** What was given, read from where it says. Nothing of it is ever written to an error or a log. */
export async function capabilityText(terminal: Terminal, given: string | undefined): Promise<string> {
  const said = given ?? process.env.HEAP_CAPABILITY;
  if (said === undefined || said === '')
    throw new HeapError(
      'no_capability',
      'Give a capability: as an argument, as @file, as - for standard input, or in HEAP_CAPABILITY.',
      'user',
    );
  if (said === '-') return firstLine(await text(terminal.stdin), 'Standard input');
  if (!said.startsWith('@')) return said;
  const [, file = '', path = ''] = /^@([^:]+)(?::(.*))?$/s.exec(said) ?? [];
  const capability = firstLine(await readFile(file, 'utf8'), file);
  return path === '' ? capability : `${capability}/${path}`;
}

function firstLine(content: string, where: string): string {
  const line = content.split('\n').find((one) => one.trim() !== '');
  if (line !== undefined) return line.trim();
  throw new HeapError('no_capability', `${where} is empty where a capability was expected.`, 'user');
}
