import type { ViewFile } from '../port.js';
import { sha256Hex } from '../runtime/sha256.js';

const encoder = new TextEncoder();

/** Input files given as text. */
export function textFiles(files: Readonly<Record<string, string>> = {}): ViewFile[] {
  return Object.entries(files).map(([path, text]) => {
    const bytes = encoder.encode(text);
    return { path, hash: sha256Hex(bytes), bytes };
  });
}
