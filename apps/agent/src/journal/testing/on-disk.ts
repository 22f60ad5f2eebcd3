import fs from 'node:fs';
import path from 'node:path';
import type { KeptResult } from '#agent-core';
import { replay } from '../record.js';

/** What an agent that starts now would find. */
const onDisk = (dir: string): KeptResult[] => [...replay(fs.readFileSync(path.join(dir, 'results.journal'), 'utf8')).kept.values()];

/** Resolves when what is on disk is as it should be, however long the disk takes. */
export async function untilOnDisk(dir: string, holds: (kept: KeptResult[]) => boolean): Promise<void> {
  const watcher = fs.watch(dir);
  try {
    while (!holds(onDisk(dir))) await new Promise((resolve) => watcher.once('change', resolve));
  } finally {
    watcher.close();
  }
}
