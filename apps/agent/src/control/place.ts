import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** `sockaddr_un` has 108 bytes on Linux and 104 on macOS, and one of them ends the text. */
const PATH_BYTES_MAX = 100;

/** Where the agent of this folder listens to its owner: a socket in the folder, which nobody else may enter. */
export function controlPlace(dir: string): string {
  const name = createHash('sha256').update(path.resolve(dir)).digest('hex').slice(0, 24);
  if (process.platform === 'win32') return `\\\\.\\pipe\\openheaps-agent-${name}`;
  const place = path.join(dir, 'control.sock');
  if (Buffer.byteLength(place) <= PATH_BYTES_MAX) return place;
  return path.join(os.tmpdir(), `openheaps-${process.getuid?.() ?? 0}`, `${name}.sock`);
}

/** A folder outside the agent's own, for a socket whose path would be too long: made by us and closed to others, or not used. */
export function prepareFolder(place: string, dir: string): void {
  const folder = path.dirname(place);
  if (process.platform === 'win32' || folder === path.resolve(dir)) return;
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = fs.lstatSync(folder);
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0) throw new Error(`${folder} is not for this user alone`);
}
