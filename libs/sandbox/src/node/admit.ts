import { HeapError } from '#units';
import { moduleRefused } from '../meter/refusal.js';
import type { Admission, Codec, ModuleKind } from '../port.js';
import { openSlot } from './slot.js';

const MIB = 1024 * 1024;

/**
 * Instruments and compiles an uploaded module in a process of its own, with limits, and answers what is to be published of it. Throws
 * `HeapError('module_refused', …, 'developer', {reason, byte_offset?, function_index?, function_name?, line?})`.
 */
export async function admitModule(kind: ModuleKind, codec: Codec, bytes: Uint8Array, load_ms_max = 20_000): Promise<Admission> {
  const slot = await openSlot({ memory_bytes_max: 256 * MIB, load_ms_max });
  try {
    return await slot.load({ kind, codec, bytes });
  } catch (error) {
    if (error instanceof HeapError && error.code === 'sandbox_failed')
      throw moduleRefused('it could not be instrumented and compiled within the time and memory a module may take');
    throw error;
  } finally {
    await slot.close();
  }
}
