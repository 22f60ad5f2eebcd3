import { EvalFlags, QuickJS } from 'quickjs-wasi';
import { engineBytes } from '#sandbox/node';
import type { Program } from './programs.js';

/** JavaScript programs that need nothing of our prelude, so that a plain engine can run them as they are. */
const PLAIN = [
  ...['base64', 'bigint', 'classes', 'fib', 'generators', 'graph', 'json', 'lexer', 'life', 'matrix'],
  ...['nbody', 'primes', 'proxies', 'queens', 'regex', 'sort', 'words'],
];

export const isPlain = ({ name }: Program): boolean => PLAIN.includes(name.slice('js/'.length));

/** The same engine, not instrumented: what metering JavaScript is measured against. */
export async function plainHandler({ name, source }: Program): Promise<() => void> {
  const vm = await QuickJS.create({ wasm: engineBytes() });
  const promise = vm.evalCode(new TextDecoder().decode(source.bytes), 'task.js', EvalFlags.TYPE_MODULE);
  vm.executePendingJobs();
  const loaded = await vm.resolvePromise(promise);
  if ('error' in loaded) throw new Error(`${name} does not run on plain QuickJS`);
  const handler = loaded.value.getProp('default');
  return () => {
    const result = vm.callFunction(handler, vm.undefined, vm.null);
    vm.executePendingJobs();
    result.dispose();
  };
}
