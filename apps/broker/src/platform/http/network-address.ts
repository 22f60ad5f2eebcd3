import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** The address that a request or a socket comes from, for limits and for who belongs together; empty when its connection is gone. */
export type AddressOf = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string;

/**
 * The connection's address; of a connection that a trusted proxy made, the last address in X-Forwarded-For that is not such a proxy:
 * each proxy adds at the end whom it heard from, and what stands before that is only what the sender wrote.
 * @param trusted networks in CIDR notation or single addresses, as `HEAP_TRUSTED_PROXIES` has them
 */
export function addressesBehind(trusted: readonly string[]): AddressOf {
  const proxies = new BlockList();
  for (const network of trusted) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) proxies.addAddress(address, family);
    else proxies.addSubnet(address, Number(bits), family);
  }
  const isProxy = (address: string) => isIP(address) !== 0 && proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return ({ headers, socket }) => {
    let address = socket.remoteAddress ?? '';
    if (!isProxy(address)) return address;
    const hops = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
    while (isProxy(address)) {
      const before = hops.pop()?.trim() ?? '';
      if (isIP(before) === 0) return address;
      address = before;
    }
    return address;
  };
}

/** Whether `addressesBehind` can read it. */
export function isNetwork(text: string): boolean {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(bits ?? 0) <= (family === 6 ? 128 : 32);
}
