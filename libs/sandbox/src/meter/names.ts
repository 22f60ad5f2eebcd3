import { Reader } from './bytes.js';

/** The developer's name of a function, from the name section or an export; only looked for when a refusal has to be explained. */
export function functionName(bytes: Uint8Array, index: number): string | undefined {
  try {
    return fromNameSection(bytes, index);
  } catch {
    return undefined; // the section is for people and may hold anything
  }
}

function fromNameSection(bytes: Uint8Array, index: number): string | undefined {
  const reader = new Reader(bytes, 8);
  while (reader.at < bytes.length) {
    const id = reader.u8();
    const length = reader.u32();
    const end = reader.at + length;
    if (id === 0 && reader.name() === 'name') return fromSubsections(new Reader(bytes, reader.at, end), index);
    reader.at = end;
  }
  return undefined;
}

function fromSubsections(reader: Reader, index: number): string | undefined {
  while (reader.at < reader.end) {
    const id = reader.u8();
    const length = reader.u32();
    if (id !== 1) {
      reader.skip(length);
      continue;
    }
    for (let n = reader.u32(); n > 0; n--) {
      const found = reader.u32() === index;
      const name = reader.name();
      if (found) return name.slice(0, 200);
    }
  }
  return undefined;
}
