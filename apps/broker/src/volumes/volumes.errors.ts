import { HeapError } from '#units';

export const volumeUnknown = (): HeapError => new HeapError('not_found', 'There is no such volume among yours.', 'user');
export const fileUnknown = (): HeapError => new HeapError('not_found', 'There is no such file.', 'user');
export const segmentUnknown = (ordinal: number): HeapError =>
  new HeapError('not_found', `The file has no segment ${ordinal}: announce it by its descriptor first.`, 'developer', { ordinal });
export const pieceUnknown = (index: number): HeapError =>
  new HeapError('not_found', `The segment has no piece ${index}.`, 'developer', { index });
export const transferUnknown = (): HeapError => new HeapError('not_found', 'There is no such transfer for this device now.', 'owner');
export const directoryUnknown = (): HeapError => new HeapError('not_found', 'There is no such directory.', 'user');
export const storageUnknown = (): HeapError => new HeapError('not_found', 'There is no such device among yours.', 'user');

export const volumeKeyUsed = (): HeapError =>
  new HeapError('idempotency_mismatch', 'This Idempotency-Key was used for another volume: choose a new one.', 'developer');

export const volumeEnded = (): HeapError => new HeapError('conflict', 'The volume is over: nothing more is written to it.', 'developer');

export const volumeInGrace = (): HeapError =>
  new HeapError(
    'volume_in_grace.conflict',
    'The paid time of this volume is over: it can be read until its files are deleted. Renew it, and it can be written again.',
    'user',
  );

export const renewalUnclear = (member: 'until' | 'budget_micro'): HeapError =>
  new HeapError(
    'invalid_input',
    member === 'until'
      ? 'This volume lasts for so many hours: say until when it shall last (`until`).'
      : 'This volume lasts as long as its budget does: say how much that shall be in all (`budget_micro`).',
    'developer',
    { member },
  );

export const volumeFull = (gigabytes: number): HeapError =>
  new HeapError('volume_full.conflict', `The volume of ${gigabytes} GB is full: delete files of it, or buy another.`, 'user', {
    gigabytes,
  });

export const directoriesFull = (bytes: number): HeapError =>
  new HeapError(
    'directories_full.conflict',
    `The directories of this volume have no more room: they have ${bytes} bytes in all. Unlink names, or make this one in another volume.`,
    'user',
    { bytes },
  );

export const fileNotOpen = (state: string): HeapError =>
  new HeapError('conflict', `The file is ${state.toLowerCase()}: its segments are what they are.`, 'developer', { state });

export const segmentDiffers = (ordinal: number): HeapError =>
  new HeapError('conflict', `Segment ${ordinal} was announced with another descriptor: a file never changes; begin another.`, 'developer', {
    ordinal,
  });

export const segmentsDiffer = (said: number, there: number): HeapError =>
  new HeapError('conflict', `The file was said to have ${said} segments, and more were announced: up to ordinal ${there}.`, 'developer', {
    said,
    there,
  });

export const relayFull = (): HeapError =>
  new HeapError('relay_full', 'The relay has no room for this piece now: its bytes were not read. Try again in a moment.', 'platform');

export const heldFull = (): HeapError =>
  new HeapError('held_full', 'The heap keeps no more ciphertext of small volumes itself: its operator set how much.', 'platform');

export const pieceBusy = (): HeapError =>
  new HeapError('conflict', 'This piece is being brought by another request: try again when that has ended.', 'developer');

export const pieceUnplaced = (): HeapError =>
  new HeapError(
    'piece_unplaced',
    'No independent device with room is found for this piece yet: leave it out, the heap makes it when there is one.',
    'platform',
  );

export const pieceUnavailable = (): HeapError =>
  new HeapError('piece_unavailable', 'The device that keeps this piece cannot be asked now: take another piece of the segment.', 'owner');

export const pieceLength = (expected: number, said: number): HeapError =>
  new HeapError('invalid_input', `This piece has ${expected} bytes, and ${said} came.`, 'developer', { expected, said });

export const rootDiffers = (): HeapError =>
  new HeapError(
    'root_differs',
    'These are not the bytes whose hash tree has the root that the descriptor names: nothing was kept.',
    'developer',
  );

export const brokenOff = (): HeapError => new HeapError('timeout', 'The bytes stopped coming before they were all there.', 'user');

export const directoryInVolume = (): HeapError => new HeapError('conflict', 'This directory is in another volume.', 'developer');

export const versionConflict = (version: number, present: number): HeapError =>
  new HeapError(
    'conflict',
    `Version ${version} does not follow the present version ${present}: read the directory again and write on.`,
    'developer',
    {
      version,
      present,
    },
  );

export const versionSigned = (said: number, signed: number): HeapError =>
  new HeapError('invalid_input', `The request says version ${said}, what was signed says ${signed}.`, 'developer', { said, signed });
