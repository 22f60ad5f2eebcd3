import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Heap, profilePath } from '#sdk';
import { HeapError } from '#units';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { secret } from '../secret.js';

/** `heap login <url>`: tries the key and keeps both in the profile. */
export function loginCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('keeps the address of a heap and an API key; the key is asked for, or read from standard input')
    .argument('<url>', 'for example http://127.0.0.1:7400')
    .runs(async (url: string) => {
      const { terminal } = context;
      const apiKey = await secret(terminal, 'API key');
      if (!apiKey) throw new HeapError('no_api_key', 'No API key was given: make one on the heap and paste it here.', 'user');
      const heap = new Heap({ url, apiKey });
      const person = await heap.me();
      const file = profilePath();
      if (!file) throw new HeapError('no_profile', 'There is no home directory: set HEAP_PROFILE to a file.', 'user');
      await mkdir(dirname(file), { recursive: true });
      // Readable by its owner only from its first moment, and whole or not at all.
      await writeFile(`${file}.new`, `${JSON.stringify({ url: heap.url, api_key: apiKey }, null, 2)}\n`, { mode: 0o600 });
      await rename(`${file}.new`, file);
      await terminal.answer(
        { url: heap.url, person, profile: file },
        () => `You are ${person.name} <${person.email}> at ${heap.url}; kept in ${file}.`,
      );
      return EXIT.ok;
    });
}
