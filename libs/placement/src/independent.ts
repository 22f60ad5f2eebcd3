import type { Device } from './device.js';

/**
 * How many of the devices stand for themselves: the most that can be chosen so that no two share an owner cluster or a network prefix. That is a largest
 * matching of clusters with prefixes, found by augmenting paths (Kuhn 1955), as Tahoe-LAFS's "servers of happiness" is one of servers with shares.
 */
export function independent(devices: readonly Pick<Device, 'cluster' | 'prefix'>[]): number {
  const of_cluster = new Map<string, Set<string | Device>>();
  devices.forEach((device) => {
    // A device whose network is unknown is alone in it.
    const prefix = device.prefix ?? (device as Device);
    const prefixes = of_cluster.get(device.cluster);
    if (prefixes) prefixes.add(prefix);
    else of_cluster.set(device.cluster, new Set([prefix]));
  });
  const holder = new Map<string | Device, string>();
  const matched = (cluster: string, tried: Set<string | Device>): boolean => {
    for (const prefix of of_cluster.get(cluster) ?? []) {
      if (tried.has(prefix)) continue;
      tried.add(prefix);
      const other = holder.get(prefix);
      if (other === undefined || matched(other, tried)) {
        holder.set(prefix, cluster);
        return true;
      }
    }
    return false;
  };
  let count = 0;
  for (const cluster of of_cluster.keys()) if (matched(cluster, new Set())) count++;
  return count;
}
