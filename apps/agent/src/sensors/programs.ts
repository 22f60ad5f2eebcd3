import { execFile } from 'node:child_process';

const PATIENCE_MS = 2_000;

/** What a program of the system prints; null when it is not there, fails or takes too long. */
export type Ask = (program: string, args: readonly string[]) => Promise<string | null>;

export const ask: Ask = (program, args) =>
  new Promise((resolve) => {
    execFile(program, [...args], { timeout: PATIENCE_MS, env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' } }, (error, stdout) =>
      resolve(error ? null : stdout),
    );
  });
