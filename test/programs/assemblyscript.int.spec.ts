import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Runtime } from '#sandbox';
import { engineBytes } from '#sandbox/node';
import { CONFORMANCE_LIMITS } from './conformance.js';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const FOLDER = 'test/programs/assemblyscript';

test('a reactor in AssemblyScript counts words', () => {
  const bytes = readFileSync(`${FOLDER}/words.wasm`);
  expect(readFileSync(`${FOLDER}/SHA256SUMS`, 'utf8')).toContain(sha256(bytes));
  const runtime = new Runtime({ sha256, engine: engineBytes });
  const { module_hash, imports } = runtime.load({ kind: 'wasm', codec: 'bytes', bytes });
  expect(imports).toEqual([]);
  const run = (text: string) => {
    const { verdict, output } = runtime.run(module_hash, { input: Buffer.from(text) }, CONFORMANCE_LIMITS);
    return [verdict, Buffer.from(output).toString()];
  };
  expect(run('The cat, the dog; ein Bär.\n')).toEqual(['ok', 'bär 1\ncat 1\ndog 1\nein 1\nthe 2\n']);
  expect(run('')).toEqual(['ok', '']);
  expect(run('a '.repeat(40_000))).toEqual(['ok', 'a 40000\n']);
});
