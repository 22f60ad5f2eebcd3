import type { LeaseTerms } from './messages.js';

export interface HelloClaim {
  nonce: string;
  /** The Host header the node connected with, so that a signature cannot be relayed to another heap. */
  host: string;
  node_id: string;
  version: string;
  resume?: { sid: string; h: number } | undefined;
}

/** The text that the device key signs in `hello`. */
export const helloSigningText = (c: HelloClaim): string =>
  ['openheaps hello', c.nonce, c.host, c.node_id, c.version, c.resume ? `${c.resume.sid}:${c.resume.h}` : '-'].join('\n');

/** The text that the device key signs when it enrols: proves that the caller holds the private key. */
export const enrolmentSigningText = (enrolment_code: string, public_key: string): string =>
  ['openheaps enrol', enrolment_code, public_key].join('\n');

/** The text that the heap signs in a `lease`: its terms as JSON with keys in order. */
export const leaseSigningText = (terms: LeaseTerms): string => `openheaps lease\n${canonicalJson(terms)}`;

/** JSON with object keys sorted, for hashing and signing. `undefined` members are left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value).filter(([, v]) => v !== undefined);
    members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${members.map(([k, v]) => `${JSON.stringify(k)}:${canonicalJson(v)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}
