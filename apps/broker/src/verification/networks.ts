import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Addresses that say nothing about who somebody is: loopback, private networks, what carriers share, link-local. */
const ANYBODYS = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  ANYBODYS.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  ANYBODYS.addSubnet(net, bits, 'ipv6');

/** The network of one household or machine room (/24, or /48 of IPv6), and the wider one of its provider (/16, /32). */
export interface Networks {
  near: string;
  wide: string;
}

/** Null of an address that is anybody's, or none. */
export function networksOf(address: string | undefined): Networks | null {
  const text = address?.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '') ?? '';
  if (isIPv4(text)) {
    if (ANYBODYS.check(text, 'ipv4')) return null;
    const parts = text.split('.');
    return { near: `${parts.slice(0, 3).join('.')}.0/24`, wide: `${parts.slice(0, 2).join('.')}.0.0/16` };
  }
  if (!isIPv6(text) || ANYBODYS.check(text, 'ipv6')) return null;
  const groups = expanded(text);
  return { near: `${groups.slice(0, 3).join(':')}::/48`, wide: `${groups.slice(0, 2).join(':')}::/32` };
}

/** The eight groups without leading zeros. */
function expanded(address: string): string[] {
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [left, right] = [groups(head), tail === undefined ? [] : groups(tail)];
  const middle = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...middle, ...right].map((group) => Number.parseInt(group, 16).toString(16));
}
