import type { Socket } from 'node:net';
import { addressesBehind, isNetwork } from './network-address.js';

const PROXIES = ['10.0.0.0/8', '192.0.2.7', 'fd00::/8'];

function seen(remoteAddress: string | undefined, forwarded?: string, trusted: readonly string[] = PROXIES): string {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return addressesBehind(trusted)({ headers, socket: { remoteAddress } as Socket });
}

test.each([
  ['without a proxy nobody says who they are', '203.0.113.5', '198.51.100.1', [], '203.0.113.5'],
  ['what a stranger writes counts for nothing', '203.0.113.5', '198.51.100.1', PROXIES, '203.0.113.5'],
  ['a proxy says whom it heard from', '10.1.2.3', '198.51.100.1', PROXIES, '198.51.100.1'],
  ['a proxy may be one address', '192.0.2.7', '198.51.100.1', PROXIES, '198.51.100.1'],
  ['its neighbour is none', '192.0.2.8', '198.51.100.1', PROXIES, '192.0.2.8'],
  ['a proxy in front of a proxy is passed over', '10.1.2.3', '198.51.100.1, 10.9.9.9', PROXIES, '198.51.100.1'],
  ['what the sender wrote before its proxy did is not believed', '10.1.2.3', '1.1.1.1, 198.51.100.1', PROXIES, '198.51.100.1'],
  ['not even when it looks like a proxy', '10.1.2.3', '1.1.1.1, 10.0.0.1, 198.51.100.1', PROXIES, '198.51.100.1'],
  ['a socket for both families writes IPv4 within IPv6', '::ffff:10.1.2.3', '198.51.100.1', PROXIES, '198.51.100.1'],
  ['IPv6', 'fd00::1', '2001:db8::5', PROXIES, '2001:db8::5'],
  ['a proxy that says nothing is who it is', '10.1.2.3', undefined, PROXIES, '10.1.2.3'],
  ['a proxy that says what is no address, too', '10.1.2.3', '198.51.100.1, unknown', PROXIES, '10.1.2.3'],
  ['proxies all the way', '10.1.2.3', '10.4.4.4', PROXIES, '10.4.4.4'],
  ['a connection that is gone has none', undefined, '198.51.100.1', PROXIES, ''],
])('%s', (_, remote, forwarded, trusted, expected) => {
  expect(seen(remote, forwarded, trusted)).toBe(expected);
});

test.each([
  ['10.0.0.0/8', true],
  ['192.0.2.7', true],
  ['fd00::/8', true],
  ['::1/128', true],
  ['10.0.0.0/33', false],
  ['fd00::/129', false],
  ['10.0.0/8', false],
  ['10.0.0.0/', false],
  ['10.0.0.0/8/8', false],
  ['loopback', false],
  ['', false],
])('%s is a network: %s', (text, expected) => {
  expect(isNetwork(text)).toBe(expected);
});
