/**
 * What a JavaScript task finds in its world beside the language, and the bridge to its handler. Runs inside the engine, metered like all
 * else, before the developer's module; what it needs later it takes from the language now, so that a task cannot bend it by patching
 * built-ins. Answers the bridge object.
 */
export const PRELUDE = String.raw`(function (log, encode, decode, sleep, files) {
'use strict';
const { parse, stringify } = JSON;
const { freeze, defineProperty } = Object;
const { imul } = Math;
const { isView } = ArrayBuffer;
const { resolve } = Promise;
const P = Promise, U8 = Uint8Array, AB = ArrayBuffer, TE = TypeError, RE = RangeError, S = String, D = Date;
const call = Function.prototype.call;
const then = P.prototype.then;
const apply = (f, self, ...args) => call.call(f, self, ...args);
const hidden = (name, value) => defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });

// Randomness: xoshiro128**, seeded per task.
let s0 = 1, s1 = 2, s2 = 3, s3 = 4;
const next = () => {
  const m = imul(s1, 5), r = imul((m << 7) | (m >>> 25), 9) >>> 0, t = s1 << 9;
  s2 ^= s0; s3 ^= s1; s1 ^= s2; s0 ^= s3; s2 ^= t; s3 = (s3 << 11) | (s3 >>> 21);
  return r;
};
const random = () => ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992;
Math.random = random;
const getRandomValues = (array) => {
  if (!isView(array)) throw new TE('getRandomValues takes a typed array');
  const bytes = new U8(array.buffer, array.byteOffset, array.byteLength);
  for (let i = 0; i < bytes.length; i++) bytes[i] = next();
  return array;
};
hidden('crypto', freeze({ getRandomValues, randomUUID: () => {
  const b = getRandomValues(new U8(16));
  b[6] = (b[6] & 15) | 64; b[8] = (b[8] & 63) | 128;
  let s = '';
  for (let i = 0; i < 16; i++) s += (i === 4 || i === 6 || i === 8 || i === 10 ? '-' : '') + (b[i] + 256).toString(16).slice(1);
  return s;
} }));

// The console writes to the task's logs.
const show = (value) => {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return value + 'n';
  if (typeof value !== 'object' || value === null) return S(value);
  if (value instanceof Error) return value.stack ? S(value) + '\n' + value.stack : S(value);
  try { const text = stringify(value); return text === undefined ? S(value) : text; } catch { return S(value); }
};
const line = (...values) => { let s = ''; for (let i = 0; i < values.length; i++) s += (i ? ' ' : '') + show(values[i]); log(s + '\n'); };
hidden('console', { log: line, info: line, warn: line, error: line, debug: line, trace: line,
  assert: (ok, ...values) => { if (!ok) line('Assertion failed:', ...values); } });

// Text, as UTF-8.
class TextEncoder {
  get encoding() { return 'utf-8'; }
  encode(input = '') { return encode(S(input)); }
}
class TextDecoder {
  constructor(label = 'utf-8') { if (!/^utf-?8$/i.test(label)) throw new RE('only utf-8 is supported'); }
  get encoding() { return 'utf-8'; }
  decode(input) { return input === undefined ? '' : decode(isView(input) ? new U8(input.buffer, input.byteOffset, input.byteLength) : new U8(input)); }
}
hidden('TextEncoder', TextEncoder);
hidden('TextDecoder', TextDecoder);

// Copies of plain data.
hidden('structuredClone', (value) => {
  const seen = new Map();
  const copy = (v) => {
    if (typeof v === 'function' || typeof v === 'symbol') throw new TE('a ' + typeof v + ' cannot be cloned');
    if (typeof v !== 'object' || v === null) return v;
    if (seen.has(v)) return seen.get(v);
    const keep = (c) => { seen.set(v, c); return c; };
    if (Array.isArray(v)) { const c = keep(new Array(v.length)); for (const k of Object.keys(v)) c[k] = copy(v[k]); return c; }
    if (v instanceof D) return keep(new D(v.getTime()));
    if (v instanceof RegExp) return keep(new RegExp(v.source, v.flags));
    if (v instanceof Map) { const c = keep(new Map()); for (const [k, x] of v) c.set(copy(k), copy(x)); return c; }
    if (v instanceof Set) { const c = keep(new Set()); for (const x of v) c.add(copy(x)); return c; }
    if (v instanceof AB) return keep(v.slice(0));
    if (isView(v)) { const b = copy(v.buffer); return keep(v instanceof DataView ? new DataView(b, v.byteOffset, v.byteLength) : new v.constructor(b, v.byteOffset, v.length)); }
    if (v instanceof Error) { const c = keep(new (globalThis[v.name] || Error)(v.message)); c.stack = v.stack; return c; }
    const c = keep({}); for (const k of Object.keys(v)) c[k] = copy(v[k]); return c;
  };
  return copy(value);
});

// Timers by the virtual clock: they fire in order of time once nothing else is left to do.
let timers = [], timer_id = 0, offset = 0;
const later = (f, ms, args, every) => {
  if (typeof f !== 'function') throw new TE('a timer takes a function');
  ms = +ms; if (!(ms >= 1)) ms = 1;
  const id = ++timer_id, t = { id, at: offset + ms, f, args, every: every ? ms : 0 };
  let i = timers.length; while (i > 0 && timers[i - 1].at > t.at) i--;
  timers.splice(i, 0, t);
  return id;
};
const cancel = (id) => { const i = timers.findIndex((t) => t.id === id); if (i >= 0) timers.splice(i, 1); };
hidden('setTimeout', (f, ms, ...args) => later(f, ms, args, false));
hidden('setInterval', (f, ms, ...args) => later(f, ms, args, true));
hidden('clearTimeout', cancel);
hidden('clearInterval', cancel);
const tick = () => {
  const t = timers.shift();
  if (t === undefined) return false;
  if (t.every) { t.at += t.every; let i = timers.length; while (i > 0 && timers[i - 1].at > t.at) i--; timers.splice(i, 0, t); }
  const at = t.every ? t.at - t.every : t.at;
  if (at > offset) { sleep(at - offset); offset = at; }
  t.f(...t.args);
  return true;
};
const queueMicrotask = (f) => { apply(then, new P((r) => r()), () => f()); };
hidden('queueMicrotask', queueMicrotask);

// Files: what the job gave, and its scratch directory. Each call answers '+' and a text, or '-' and the code of an error.
const NOTHING = new U8(0);
const sentences = { __proto__: null, ENOENT: 'there is nothing at', EROFS: 'only files below /tmp can be written, not', ENOSPC: 'the scratch directory has no room left for',
  EISDIR: 'it is a directory:', ENOTDIR: 'it is no directory:', EEXIST: 'it is there already:', ENOTEMPTY: 'it is not empty:' };
const charAt = S.prototype.charAt, slice = S.prototype.slice;
const ask = (what, path, data) => {
  const answer = path.length > 4096 ? '-ENAMETOOLONG' : files(what, path, data);
  if (answer === undefined) throw new RE('out of memory');
  const rest = apply(slice, answer, 1);
  if (apply(charAt, answer, 0) === '+') return rest;
  const error = new Error(rest + ': ' + (sentences[rest] || 'this cannot be done with') + ' ' + apply(slice, path, 0, 256));
  error.code = rest;
  throw error;
};
const readFile = (path) => { path = S(path); const bytes = new U8(+ask('size', path, NOTHING)); ask('read', path, bytes); return bytes; };
const ctxFiles = freeze({
  list: (path = '/') => parse(ask('list', S(path), NOTHING)),
  read: readFile,
  text: (path) => decode(readFile(path)),
  write: (path, data) => { path = S(path); ask('write', path, bytesOf(typeof data === 'string' ? encode(data) : data)); },
  remove: (path) => { ask('remove', S(path), NOTHING); },
});

// The bridge.
let handler, settled = false, failed = false, result;
const bytesOf = (v) => {
  if (typeof v === 'string' || v instanceof U8) return v;
  if (v === undefined || v === null) return '';
  if (isView(v)) return new U8(v.buffer, v.byteOffset, v.byteLength);
  if (v instanceof AB) return new U8(v);
  throw new TE('the handler must return a Uint8Array or a string, not ' + (typeof v));
};
const textOf = (v) => {
  if (v === undefined) return 'null';
  const text = stringify(v);
  if (text === undefined) throw new TE('the handler returned a ' + typeof v + ', which JSON cannot say');
  return text;
};
return {
  adopt(namespace) {
    handler = namespace.default;
    if (typeof handler !== 'function') throw new TE('the module must "export default" a function (input, ctx) => output');
  },
  start(json, input, context) {
    const { args, env, seed, state } = parse(context);
    s0 = state[0]; s1 = state[1]; s2 = state[2]; s3 = state[3];
    const finish = json ? textOf : bytesOf;
    const answer = handler(json ? parse(input) : input, freeze({ args: freeze(args), env: freeze(env), seed, random, files: ctxFiles }));
    if (answer === null || (typeof answer !== 'object' && typeof answer !== 'function') || !(answer instanceof P || typeof answer.then === 'function')) return finish(answer);
    const finished = apply(then, apply(resolve, P, answer), (v) => { result = finish(v); });
    apply(then, finished, () => { settled = true; }, (e) => { result = e; settled = failed = true; });
    return undefined;
  },
  poll() {
    if (!settled) return undefined;
    if (failed) throw result;
    return result;
  },
  tick,
  describe(error) {
    let text, stack = '', maker = '';
    try { text = S(error); if (typeof error === 'object' && error !== null && typeof error.stack === 'string') { stack = error.stack; maker = S(error.constructor?.name ?? ''); } } catch { text = 'an error that cannot be described'; }
    // The constructor of the developer's own error class is not where it was thrown.
    return text + '\n' + (maker ? stack.replace('    at ' + maker + ' (', '    at (new) (').replace(/^ {4}at \(new\).*\n/, '') : stack);
  },
};
})`;
