import { HTTP_LIMITS, type LeaseTerms, leaseSigningText, SOCKET_LIMITS, viewBytes } from '#protocol';
import { HeapError, SLOT_MEMORY_BYTES } from '#units';
import type { Bounds } from './bounds.js';
import type { Identity } from './ports.js';

const refusal = (code: string, sentence: string) => new HeapError(code, sentence, 'platform');

/**
 * What the owner relies on: a lease is the heap's own word, meant for this device, and asks for no more than the slot's class holds.
 * @throws HeapError `bad_lease_signature`, `foreign_lease` or `terms_exceed_offer`.
 */
export async function checkLease(terms: LeaseTerms, signature: string, identity: Identity, bounds: Bounds): Promise<void> {
  if (!(await identity.verifyLease(leaseSigningText(terms), signature)))
    throw refusal('bad_lease_signature', 'The lease is not signed by the heap this device enrolled with; nothing of it was run.');
  if (terms.node_id !== identity.node_id)
    throw refusal('foreign_lease', 'The lease was made out to another device; nothing of it was run.');
  const { limits, module, view } = terms;
  const ceilings: [string, number, number][] = [
    ['memory_bytes', limits.memory_bytes + viewBytes(view), SLOT_MEMORY_BYTES[terms.slot_class]],
    ['files', limits.files, view.scratch?.files ?? 0],
    ['file_bytes', limits.file_bytes, view.scratch?.bytes ?? 0],
    ['output_bytes', limits.output_bytes, HTTP_LIMITS.blob_bytes],
    ['log_bytes', limits.log_bytes, SOCKET_LIMITS.frame_bytes],
    ['wall_ms', limits.wall_ms, bounds.wall_ms],
    ['term_ms', terms.term_ms, bounds.term_ms],
    ['module.bytes', module.bytes, HTTP_LIMITS.module_bytes],
  ];
  for (const [name, asked, most] of ceilings)
    if (asked > most)
      throw refusal(
        'terms_exceed_offer',
        `The lease asks for ${name} of ${asked}; a ${terms.slot_class} slot of this device gives at most ${most}.`,
      );
}
