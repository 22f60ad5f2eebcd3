import { enrolmentSigningText, isLinkCode } from '#protocol';
import { HeapError, type NodeKind } from '#units';
import type { DeviceKey } from './device-key.js';
import { enrolNode, takeLink } from './heap-http.js';
import { type Membership, readMembership, writeMembership } from './membership.js';

export interface Applicant {
  /** The heap's origin; null takes the one of an earlier enrolment. */
  url: string | null;
  enrolment_code: string | null;
  name: string;
  kind: NodeKind;
}

/**
 * This device's place in the heap: the one it has, or a new one for the code.
 * @throws HeapError `not_enrolled`, `no_heap`, `heap_unreachable`, or the heap's reason for refusing the code.
 */
export async function enrol(dir: string, key: DeviceKey, applicant: Applicant): Promise<Membership & { fresh: boolean }> {
  const kept = readMembership(dir);
  // The heap may have moved; its key, pinned then, still has to sign every lease.
  if (kept) return { ...kept, url: applicant.url ?? kept.url, fresh: false };
  const { url, enrolment_code, name, kind } = applicant;
  if (enrolment_code === null)
    throw new HeapError(
      'not_enrolled',
      'This device belongs to no heap yet. Get a code from the heap and start the agent with it.',
      'owner',
    );
  if (url === null) throw new HeapError('no_heap', 'Say which heap the code is for: HEAP_URL=https://…', 'owner');
  const { public_key } = key;
  const code = isLinkCode(enrolment_code) ? await takeLink(url, enrolment_code) : enrolment_code;
  const signature = key.sign(enrolmentSigningText(code, public_key));
  const { node_id, heap_public_key, socket_path } = await enrolNode(url, { enrolment_code: code, public_key, signature, name, kind });
  const membership = { url, node_id, heap_public_key, socket_path, name };
  writeMembership(dir, membership);
  return { ...membership, fresh: true };
}
