/** What a JavaScript task finds besides its input: the language itself and the sandbox's view. No files, no network, no process. */
export const TASK_GLOBALS: ReadonlySet<string> = new Set(
  (
    'undefined NaN Infinity globalThis Object Function Array String Number Boolean Symbol BigInt Math Date JSON RegExp Map Set WeakMap ' +
    'WeakSet WeakRef FinalizationRegistry Promise Proxy Reflect Iterator Error AggregateError EvalError RangeError ReferenceError ' +
    'SyntaxError TypeError URIError InternalError SuppressedError DOMException DisposableStack AsyncDisposableStack ' +
    'ArrayBuffer SharedArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray Int16Array ' +
    'Uint16Array Int32Array Uint32Array Float16Array Float32Array Float64Array BigInt64Array BigUint64Array parseInt parseFloat isNaN ' +
    'isFinite eval encodeURI encodeURIComponent decodeURI decodeURIComponent escape unescape btoa atob ' +
    'performance console TextEncoder TextDecoder structuredClone queueMicrotask setTimeout clearTimeout setInterval clearInterval crypto'
  ).split(' '),
);

/** What people reach for first, to tell "not there" from "a variable of yours". */
export const PLATFORM_NAMES: ReadonlySet<string> = new Set(
  (
    'process require module exports Buffer __dirname __filename fetch Request Response Headers WebSocket XMLHttpRequest window document ' +
    'navigator location localStorage sessionStorage indexedDB self Worker Atomics Intl URL URLSearchParams Blob File setImmediate ' +
    'WebAssembly Deno Bun'
  ).split(' '),
);
