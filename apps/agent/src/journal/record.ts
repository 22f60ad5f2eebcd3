import { crc32 } from 'node:zlib';
import { z } from 'zod';
import type { KeptResult } from '#agent-core';
import { BODIES, commitmentNonce } from '#protocol';

/** A task's place: one result is kept for each. */
export const keyOf = ({ lease_id, lease_epoch, result }: KeptResult): string =>
  `${lease_id} ${lease_epoch} ${result.index} ${result.epoch}`;

export type JournalRecord = { keep: KeptResult } | { drop: string[] };

const drop = z.strictObject({ drop: z.array(z.string()) });
const keep = z.strictObject({
  keep: z.strictObject({
    lease_id: BODIES.results.shape.lease_id,
    lease_epoch: BODIES.results.shape.epoch,
    result: BODIES.results.shape.results.element,
    saved_at_ms: z.number(),
    seal: z.strictObject({ job_id: BODIES.results.shape.lease_id, nonce: commitmentNonce }).optional(),
  }),
});
const record = z.union([keep, drop]);

/** One line: a checksum of the JSON, then the JSON. */
export function encode(entry: JournalRecord): string {
  const json = JSON.stringify(entry);
  return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
}

/** What a line says, or null when it is torn, damaged or of another time. */
export function decode(line: string): JournalRecord | null {
  const json = line.slice(9);
  if (line[8] !== ' ' || crc32(json).toString(16).padStart(8, '0') !== line.slice(0, 8)) return null;
  try {
    return record.parse(JSON.parse(json));
  } catch {
    return null;
  }
}

/** Plays a journal back. Damaged lines cost what they held and nothing else. */
export function replay(text: string): { kept: Map<string, KeptResult>; damaged: number } {
  const kept = new Map<string, KeptResult>();
  let damaged = 0;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const entry = decode(line);
    if (entry === null) damaged += 1;
    else if ('keep' in entry) kept.set(keyOf(entry.keep), entry.keep);
    else for (const key of entry.drop) kept.delete(key);
  }
  return { kept, damaged };
}
