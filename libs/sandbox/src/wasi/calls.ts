import type { Descriptors } from './descriptors.js';
import type { Guest } from './guest.js';
import type { Streams } from './streams.js';

/** What the functions of one group work on. */
export interface World {
  guest: Guest;
  streams: Streams;
  descriptors: Descriptors;
}

/** A function of preview 1: it throws `Fault` where it answers an error number, and answers nothing where it answers success. */
export type Call = (...args: never[]) => void;
