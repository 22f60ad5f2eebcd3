/** All that a sandbox worker's global scope keeps: the language, WebAssembly, text, a clock for the wall time, and its one port. */
export const KEPT_GLOBALS = [
  ...['AggregateError', 'Array', 'ArrayBuffer', 'Atomics', 'BigInt', 'BigInt64Array', 'BigUint64Array', 'Boolean', 'DataView', 'Date'],
  ...['Error', 'EvalError', 'FinalizationRegistry', 'Float32Array', 'Float64Array', 'Function', 'Infinity', 'Int16Array', 'Int32Array'],
  ...['Int8Array', 'JSON', 'Map', 'Math', 'NaN', 'Number', 'Object', 'Promise', 'Proxy', 'RangeError', 'ReferenceError', 'Reflect'],
  ...['RegExp', 'Set', 'String', 'Symbol', 'SyntaxError', 'TypeError', 'URIError', 'Uint16Array', 'Uint32Array', 'Uint8Array'],
  ...['Uint8ClampedArray', 'WeakMap', 'WeakRef', 'WeakSet', 'WebAssembly', 'globalThis', 'isFinite', 'isNaN', 'parseFloat', 'parseInt'],
  ...['undefined', 'TextDecoder', 'TextEncoder', 'performance', 'heapPort'],
] as const;

/**
 * What runs in a worker before anything else: it waits for its port and takes every other ability of a worker away, along the whole prototype
 * chain of its global scope. The first wall behind the metered module; the frame's policy is the second, for what a browser adds or hides.
 */
export const LOCKDOWN = `'use strict';
globalThis.heapPort = new Promise((resolve) => addEventListener('message', (event) => resolve(event.ports[0]), { once: true }));
(() => {
  const kept = new Set(${JSON.stringify(KEPT_GLOBALS)});
  for (let scope = globalThis; scope !== null && scope !== Object.prototype; scope = Object.getPrototypeOf(scope))
    for (const name of Reflect.ownKeys(scope)) if (name !== 'constructor' && !kept.has(name)) Reflect.deleteProperty(scope, name);
})();
`;
