/** Renames a random program's export `run` to `_start`, so that it is a WASI command and goes the way of every task. */
export function asCommand(module: Uint8Array): Uint8Array {
  const bytes = Buffer.from(module);
  const [before, after] = [Buffer.from('\x03run\x00', 'latin1'), Buffer.from('\x06_start\x00', 'latin1')];
  for (let at = 8; at < bytes.length; ) {
    const id = bytes[at];
    const size = unsigned(bytes, at + 1);
    const end = size.next + size.value;
    if (id === EXPORT_SECTION) {
      const section = bytes.subarray(size.next, end);
      const name = section.indexOf(before);
      if (name < 0) break;
      const content = Buffer.concat([section.subarray(0, name), after, section.subarray(name + before.length)]);
      return Buffer.concat([bytes.subarray(0, at + 1), leb(content.length), content, bytes.subarray(end)]);
    }
    at = end;
  }
  throw new Error('the random program exports no function "run"');
}

const EXPORT_SECTION = 7;

function unsigned(bytes: Uint8Array, at: number): { value: number; next: number } {
  for (let value = 0, shift = 0; ; shift += 7) {
    const byte = bytes[at++] ?? 0;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, next: at };
  }
}

function leb(n: number): Buffer {
  const bytes: number[] = [];
  for (; n >= 0x80; n >>>= 7) bytes.push((n & 0x7f) | 0x80);
  return Buffer.from([...bytes, n]);
}
