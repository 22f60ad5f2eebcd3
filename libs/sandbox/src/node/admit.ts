import type { Admission, Codec, ModuleKind } from '../port.js';
import { openSlot } from './slot.js';

const MIB = 1024 * 1024;

/**
 * Instruments and compiles an uploaded module in a process of its own, with limits, and answers what is to be published of it. Throws
 * `HeapError('module_refused', …, 'developer', {reason, byte_offset?, function_index?, function_name?, line?})`.
 */
export async function admitModule(kind: ModuleKind, codec: Codec, bytes: Uint8Array): Promise<Admission> {
  const slot = await openSlot({ memory_bytes_max: 256 * MIB, load_ms_max: 20_000 });
  try {
    return await slot.load({ kind, codec, bytes });
  } finally {
    await slot.close();
  }
}
