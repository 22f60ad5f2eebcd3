import { existsSync } from 'node:fs';

/** A browser with the test page open. */
export interface TestBrowser {
  version: string;
  /** Calls a function of the test page by name. */
  call<T>(name: string, argument?: unknown): Promise<T>;
  /** Memory of the processes that render pages and run their workers, as the system shares it out (Pss). */
  memoryBytes(): Promise<number>;
  close(): Promise<void>;
}

/** The first of these programs that is there. */
export const firstOf = (paths: readonly (string | undefined)[]) => paths.find((path) => path && existsSync(path)) ?? null;

/** An expression that calls a function of the test page and comes to its answer as JSON. */
export function expression(name: string, argument: unknown): string {
  return `heapTest[${JSON.stringify(name)}](${JSON.stringify(argument ?? null)}).then((answer) => JSON.stringify(answer ?? null))`;
}
