/** How many nodes are connected now; bound by nodes/. A heap without that station has none. */
export interface NodesOnline {
  count(): number | Promise<number>;
}
export const NODES_ONLINE = Symbol('NODES_ONLINE');
