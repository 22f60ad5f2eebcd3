/** What of Node.js is used where it is; written down here, so that programs for pages, which have none of it, can be checked with this library. */
interface FileSystem {
  existsSync(path: string): boolean;
  readFileSync(path: string, encoding: 'utf8'): string;
}
interface Files {
  readFile(path: string): Promise<Uint8Array>;
  realpath(path: string): Promise<string>;
}
interface Paths {
  readonly sep: string;
  dirname(path: string): string;
  join(...parts: string[]): string;
  resolve(...parts: string[]): string;
  relative(from: string, to: string): string;
  basename(path: string): string;
  extname(path: string): string;
}
interface Builtins {
  'node:os': { homedir(): string };
  'node:path': Paths;
  'node:fs': FileSystem;
  'node:fs/promises': Files;
}

interface NodeProcess {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly getBuiltinModule?: (name: string) => unknown;
}
interface NodeBuffer {
  from(bytes: ArrayBufferLike, offset: number, length: number): { toString(encoding: 'base64'): string };
  from(text: string, encoding: 'base64'): Uint8Array<ArrayBuffer>;
}

interface Platform {
  process?: NodeProcess;
  Buffer?: NodeBuffer;
  setImmediate?: (then: () => void) => unknown;
}

/** The globals of Node.js that a page lacks. */
export const platform = globalThis as unknown as Platform;

/** A module of Node.js; undefined where there is none. */
export const builtin = <N extends keyof Builtins>(name: N): Builtins[N] | undefined =>
  platform.process?.getBuiltinModule?.(name) as Builtins[N] | undefined;

/** Whether a module of that name is a part of Node.js. */
export const isBuiltin = (name: string): boolean => Boolean(platform.process?.getBuiltinModule?.(name));

/** A package that Node.js finds at run time; bundlers for pages cannot follow a name that is given. */
export const packageOf = <T>(name: string): Promise<T> => import(/* @vite-ignore */ name);
