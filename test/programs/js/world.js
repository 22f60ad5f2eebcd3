export default () => ({
  absent: [
    'process',
    'require',
    'fetch',
    'XMLHttpRequest',
    'WebSocket',
    'importScripts',
    'postMessage',
    'Deno',
    'Bun',
    'std',
    'os',
    'WebAssembly',
  ].filter((name) => name in globalThis),
  clone: structuredClone({ a: [1, { b: new Map([[1, new Set([2])]]) }], d: new Date(0) }).d.getTime(),
  uuid: crypto.randomUUID(),
  random: [...crypto.getRandomValues(new Uint8Array(4))],
});
