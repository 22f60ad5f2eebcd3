/** (module (memory 1) (func (export "_start"))), byte by byte. */
export const EMPTY_COMMAND = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 4, 1, 0x60, 0, 0],
  ...[3, 2, 1, 0],
  ...[5, 3, 1, 0, 1],
  ...[7, 10, 1, 6, ...Buffer.from('_start'), 0, 0],
  ...[10, 4, 1, 2, 0, 0x0b],
]);

/** A handler as people write them: a few dozen operations between JSON and JSON. */
export const HANDLER = `export default ({ items, tax }) => {
  const lines = items.map(({ name, price, count }) => ({ name: name.toUpperCase(), total: price * count }));
  const net = lines.reduce((sum, line) => sum + line.total, 0);
  return { lines, net, gross: Math.round(net * (1 + tax)) };
}`;

export const HANDLER_INPUT = JSON.stringify({
  tax: 0.19,
  items: Array.from({ length: 8 }, (_, i) => ({ name: `article ${i}`, price: 100 + 7 * i, count: i + 1 })),
});
