import { networksOf } from './networks.js';

test.each([
  ['203.0.113.77', { near: '203.0.113.0/24', wide: '203.0.0.0/16' }],
  ['::ffff:203.0.113.77', { near: '203.0.113.0/24', wide: '203.0.0.0/16' }],
  ['2001:db8:85a3::8a2e:370:7334', { near: '2001:db8:85a3::/48', wide: '2001:db8::/32' }],
  ['2001:0DB8:0001:2:3:4:5:6', { near: '2001:db8:1::/48', wide: '2001:db8::/32' }],
  ['2001:db8::', { near: '2001:db8:0::/48', wide: '2001:db8::/32' }],
])('%s belongs to a household and to a provider', (address, networks) => {
  expect(networksOf(address)).toEqual(networks);
});

test.each([
  ['127.0.0.1'],
  ['10.1.2.3'],
  ['192.168.1.4'],
  ['172.31.0.1'],
  ['100.64.3.2'],
  ['::1'],
  ['fe80::1%eth0'],
  ['fd00::1'],
  ['::ffff:127.0.0.1'],
  ['nobody'],
  [''],
])('%s says nothing of anybody', (address) => {
  expect(networksOf(address)).toBeNull();
});
