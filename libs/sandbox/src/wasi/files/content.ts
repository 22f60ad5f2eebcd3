import { HOST_OOM } from '../../runtime/stop.js';
import { fault } from '../errno.js';
import { cleared, grown } from './fuel.js';
import type { FileNode } from './node.js';
import type { Quota } from './quota.js';

/** A file grows by half more than it needs, so that many small writes copy little. */
const GROWTH = 1.5;

/** The bytes from a place on, as far as they go; a view, not a copy. */
export function bytesAt(file: FileNode, at: number, length: number): Uint8Array {
  return file.bytes.subarray(Math.min(at, file.size), Math.min(at + length, file.size));
}

/** Makes a file longer or shorter; what is new is zero and counts in full, so that no file is larger than what it was granted. */
export function resize(file: FileNode, size: number, quota: Quota, charge: (fuel: number) => void): void {
  if (size > Number.MAX_SAFE_INTEGER) fault('fbig');
  const more = size - file.size;
  if (more > 0) {
    quota.takeBytes(more);
    charge(cleared(more));
    reserve(file, size, charge);
  } else {
    quota.giveBytes(-more);
    charge(cleared(-more));
    file.bytes.fill(0, size, file.size);
    shed(file, size, charge);
  }
  file.size = size;
}

/** Room that was given back to the quota is given back to the device too: many files made large and then small would hold it many times. */
function shed(file: FileNode, size: number, charge: (fuel: number) => void): void {
  if (size > file.bytes.length / 2) return;
  charge(grown(size));
  const smaller = allocate(size);
  smaller.set(file.bytes.subarray(0, size));
  file.bytes = smaller;
}

function reserve(file: FileNode, size: number, charge: (fuel: number) => void): void {
  if (size <= file.bytes.length) return;
  const length = Math.max(size, Math.ceil(file.bytes.length * GROWTH));
  charge(grown(length));
  const larger = allocate(length);
  larger.set(file.bytes.subarray(0, file.size));
  file.bytes = larger;
}

/** Writes at a place; a gap before it is filled with zeros. */
export function writeAt(file: FileNode, at: number, bytes: Uint8Array, quota: Quota, charge: (fuel: number) => void): void {
  if (bytes.length === 0) return;
  const end = at + bytes.length;
  if (end > file.size) resize(file, end, quota, charge);
  file.bytes.set(bytes, at);
}

/** Within the quota, so that only the device can be at fault. */
function allocate(length: number): Uint8Array {
  try {
    return new Uint8Array(length);
  } catch {
    throw HOST_OOM;
  }
}
