import { HeapError } from '#units';

/** A place in an order as one opaque word. */
export const toCursor = (place: string, id: string): string => Buffer.from(JSON.stringify([place, id])).toString('base64url');

/** @throws HeapError `invalid_input` for a word that is none of ours. */
export function fromCursor(cursor: string | undefined): { place: string; id: string } | null {
  if (cursor === undefined) return null;
  try {
    const [place, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (typeof place === 'string' && typeof id === 'string' && /^[0-9a-f-]{36}$/.test(id)) return { place, id };
  } catch {
    // What is not ours says so below.
  }
  throw new HeapError('invalid_input', 'This cursor is not one that an earlier page gave: begin again without it.', 'user');
}
