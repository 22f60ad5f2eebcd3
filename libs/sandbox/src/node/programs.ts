import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Where the programs of sandbox processes are, and what these may read. The agent's bundle has its own version of this file
 * (infra/local/bundle-agent.mjs), which carries them inside.
 */

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Where this installation has its programs as files of their own there is nothing to do. */
export function placePrograms(_dir: string): void {}

/** Runs tasks. */
export const childProgram = (): string => here('./child.js');

/** Tries what an escaped program would. */
export const reachProgram = (): string => here('./isolation/reach.js');

let engine: Buffer | undefined;

/** quickjs-wasi's engine, as published. The process that runs it may read no file, so that it is handed over. */
export function engineBytes(): Buffer {
  engine ??= readFileSync(createRequire(import.meta.url).resolve('quickjs-wasi/quickjs.wasm'));
  return engine;
}

function packageFile(): string | null {
  for (let folder = dirname(childProgram()); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return join(folder, 'package.json');
    if (folder === dirname(folder)) return null;
  }
}

/** Our own compiled libraries, and what says that they are ES modules: all that the process must read. */
export function readableFiles(): string[] {
  const own = packageFile();
  return [`${realpathSync(join(dirname(childProgram()), '../../..'))}/`, ...(own === null ? [] : [own])];
}
