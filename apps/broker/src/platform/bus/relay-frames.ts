type Event = readonly [name: string, payload: unknown];

/** What one text of NOTIFY holds, with room to spare. */
const FRAME_BYTES = 7_000;

/** As few texts as hold these events. One that is too large for any is left out: every event is a hint, and its sweep comes. */
export function packed(from: string, events: readonly Event[]): string[] {
  const frames: string[] = [];
  let part: string[] = [];
  let bytes = 0;
  const close = () => {
    if (part.length > 0) frames.push(`${from}[${part.join(',')}]`);
    part = [];
    bytes = 0;
  };
  for (const event of events) {
    const text = JSON.stringify(event);
    const size = Buffer.byteLength(text) + 1;
    if (size > FRAME_BYTES) continue;
    if (bytes + size > FRAME_BYTES) close();
    part.push(text);
    bytes += size;
  }
  close();
  return frames;
}

/** @returns null for a text that is none of ours. */
export function unpacked(text: string): { from: string; events: Event[] } | null {
  const at = text.indexOf('[');
  if (at < 0) return null;
  try {
    return { from: text.slice(0, at), events: JSON.parse(text.slice(at)) as Event[] };
  } catch {
    return null;
  }
}
