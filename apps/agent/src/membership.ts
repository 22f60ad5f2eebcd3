import path from 'node:path';
import { z } from 'zod';
import { base64, id } from '#protocol';
import { HeapError } from '#units';
import { readIfThere, writePrivate } from './private-file.js';

const membership = z.object({
  /** The heap's origin at enrolment; the heap may move, its key may not. */
  url: z.url(),
  node_id: id,
  heap_public_key: base64,
  socket_path: z.string().startsWith('/'),
  name: z.string(),
});

/** What enrolment gave this device. */
export type Membership = z.output<typeof membership>;

const FILE = 'membership.json';

/** @throws HeapError `membership_unreadable` when the file was damaged. */
export function readMembership(dir: string): Membership | null {
  const file = path.join(dir, FILE);
  const text = readIfThere(file);
  if (text === null) return null;
  try {
    return membership.parse(JSON.parse(text));
  } catch {
    throw new HeapError('membership_unreadable', `${file} is damaged. Delete it and enrol the device again with a new code.`, 'owner');
  }
}

export function writeMembership(dir: string, kept: Membership): void {
  writePrivate(path.join(dir, FILE), `${JSON.stringify(kept, null, 2)}\n`);
}
