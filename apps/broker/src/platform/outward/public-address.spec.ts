import { isAmong, isPublicAddress } from './public-address.js';

test.each([
  ['a public address', '93.184.216.34', true],
  ['the first behind a private network', '172.32.0.1', true],
  ['a public IPv6 address', '2606:4700:4700::1111', true],
  ['this network', '0.0.0.0', false],
  ['loopback', '127.0.0.1', false],
  ['all of loopback', '127.255.255.254', false],
  ['private, 10/8', '10.1.2.3', false],
  ['private, 172.16/12', '172.31.255.255', false],
  ['private, 192.168/16', '192.168.0.1', false],
  ['shared by carriers', '100.64.0.1', false],
  ['link-local with the metadata services', '169.254.169.254', false],
  ['protocol assignments', '192.0.0.1', false],
  ['documentation', '203.0.113.7', false],
  ['benchmarks', '198.18.0.1', false],
  ['multicast', '224.0.0.1', false],
  ['reserved', '240.0.0.1', false],
  ['broadcast', '255.255.255.255', false],
  ['IPv6 unspecified', '::', false],
  ['IPv6 loopback', '::1', false],
  ['IPv4 mapped', '::ffff:127.0.0.1', false],
  ['IPv4 mapped, public too', '::ffff:93.184.216.34', false],
  ['IPv4 mapped, in hexadecimal', '::ffff:7f00:1', false],
  ['IPv4 compatible', '::127.0.0.1', false],
  ['IPv4 translated', '::ffff:0:127.0.0.1', false],
  ['NAT64', '64:ff9b::7f00:1', false],
  ['NAT64 of a local network', '64:ff9b:1::7f00:1', false],
  ['6to4', '2002:7f00:1::', false],
  ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2', false],
  ['unique local', 'fd00::1', false],
  ['unique local with a metadata service', 'fd00:ec2::254', false],
  ['IPv6 link-local', 'fe80::1', false],
  ['IPv6 link-local with a zone', 'fe80::1%eth0', false],
  ['site-local, which is no more', 'fec0::1', false],
  ['IPv6 multicast', 'ff02::1', false],
  ['IPv6 documentation', '2001:db8::1', false],
  ['IPv6 discard', '100::1', false],
  ['not given out', '4000::1', false],
  ['no address', 'localhost', false],
  ['nothing', '', false],
])('%s: %s', (_, address, is_public) => {
  expect(isPublicAddress(address)).toBe(is_public);
});

test('a list of networks and single addresses', () => {
  const allowed = isAmong(['10.0.0.0/8', '::1']);
  expect(['10.9.8.7', '::1', '127.0.0.1', '11.0.0.1', 'localhost'].map(allowed)).toEqual([true, true, false, false, false]);
});
