// @own-machine: how long a page does not get its turn is measured.
import { createHash } from 'node:crypto';
import { KEPT_GLOBALS } from '../../libs/sandbox/src/browser/lockdown.js';
import type { TestBrowser } from './support/browser.js';
import type { CaseResult } from './support/cases.js';
import { type Chromium, openChromium } from './support/chromium.js';
import { inBrowsers, inChromium } from './support/in-browsers.js';
import { caseOf } from './support/make-case.js';
import { type PageServer, startPageServer } from './support/server.js';
import { leastStall, STALL_MS_MAX } from './support/stall.js';

/** What each worker below begins with, when the sandbox's own lockdown is left out: the policy stands alone. */
const NO_LOCKDOWN = `globalThis.heapPort = new Promise((resolve) => addEventListener('message', (event) => resolve(event.ports[0]), { once: true }));`;

/** Attempts of a script that has a worker to itself, each an expression that comes to what it got; throwing is getting nothing. */
const attempts = (url: string): Record<string, string> => ({
  fetch: `(await fetch('${url}/stolen')).status`,
  'fetch without CORS': `(await fetch('${url}/stolen', { mode: 'no-cors' })).type`,
  'fetch that outlives the worker': `(await fetch('${url}/stolen', { method: 'POST', body: 'x', keepalive: true })).status`,
  'fetch of a blob': `(await fetch(URL.createObjectURL(new Blob(['x'])))).status`,
  'fetch of a data URL': `(await fetch('data:text/plain,x')).status`,
  XMLHttpRequest: `await new Promise((ok, no) => { const x = new XMLHttpRequest(); x.open('GET', '${url}/stolen'); x.onload = () => ok(x.status); x.onerror = () => no(new Error('blocked')); x.send(); })`,
  'synchronous XMLHttpRequest': `(() => { const x = new XMLHttpRequest(); x.open('GET', '${url}/stolen', false); x.send(); return x.status; })()`,
  WebSocket: `await new Promise((ok, no) => { const w = new WebSocket('${url.replace('http', 'ws')}/stolen'); w.onopen = () => ok('open'); w.onerror = w.onclose = () => no(new Error('blocked')); })`,
  EventSource: `await new Promise((ok, no) => { const e = new EventSource('${url}/stolen'); e.onopen = () => ok('open'); e.onerror = () => no(new Error('blocked')); })`,
  WebTransport: `await new WebTransport('https://127.0.0.1:9/').ready`,
  sendBeacon: `navigator.sendBeacon('${url}/stolen', 'x')`,
  importScripts: `importScripts('${url}/stolen')`,
  'importScripts of a blob': `importScripts(URL.createObjectURL(new Blob(['globalThis.pwned = 1']))) ?? globalThis.pwned`,
  'import()': `await import('${url}/stolen')`,
  'import() of a blob': `await import(URL.createObjectURL(new Blob(['export default 1'], { type: 'text/javascript' })))`,
  'import() of a data URL': `await import('data:text/javascript,export default 1')`,
  eval: `(0, eval)('1 + 1')`,
  'the Function constructor': `new Function('return 1')()`,
  'a string in a timer': `await new Promise((ok, no) => { globalThis.pwn = ok; setTimeout('globalThis.pwn(1)', 1); setTimeout(() => no(new Error('blocked')), 100); })`,
  IndexedDB: `await new Promise((ok, no) => { const r = indexedDB.open('x'); r.onsuccess = () => ok('open'); r.onerror = () => no(r.error); })`,
  caches: `await caches.open('x')`,
  BroadcastChannel: `await new Promise((ok, no) => { const a = new BroadcastChannel('heap'); a.onmessage = (e) => ok(e.data); a.postMessage('probe'); setTimeout(() => no(new Error('nobody answers')), 300); })`,
  'private files': `await navigator.storage.getDirectory()`,
  'kept storage': `await navigator.storage.persist() || (() => { throw new Error('refused'); })()`,
  locks: `await navigator.locks.request('x', () => 'held')`,
  permissions: `(await navigator.permissions.query({ name: 'notifications' })).state === 'granted' || (() => { throw new Error('refused'); })()`,
  notifications: `new Notification('x')`,
  'a service worker': `await navigator.serviceWorker.register('${url}/stolen')`,
  'USB devices': `(await navigator.usb.getDevices()).length`,
  'serial ports': `(await navigator.serial.getPorts()).length`,
  'the GPU': `(await navigator.gpu.requestAdapter()).info`,
  'a window': `open('${url}/stolen')`,
  'the page above': `parent.document`,
  'navigating the page': `top.location = '${url}/stolen'`,
  'a document': `document.createElement('script')`,
  'the cookie store': `await cookieStore.getAll()`,
  localStorage: `localStorage.getItem('x')`,
  'a nested worker from the network': `await new Promise((ok, no) => { const w = new Worker('${url}/stolen'); w.onmessage = ok; w.onerror = () => no(new Error('blocked')); setTimeout(() => no(new Error('silent')), 500); })`,
  'a nested worker': `await new Promise((ok, no) => { const w = new Worker(URL.createObjectURL(new Blob(['postMessage(1)']))); w.onmessage = () => ok('started'); w.onerror = () => no(new Error('blocked')); })`,
  'a nested worker that fetches': `await new Promise((ok, no) => { const w = new Worker(URL.createObjectURL(new Blob(["fetch('${url}/stolen').then(() => postMessage(1), () => postMessage(0))"]))); w.onmessage = (e) => (e.data ? ok('fetched') : no(new Error('blocked'))); w.onerror = () => no(new Error('blocked')); })`,
  'a shared worker': `await new Promise((ok, no) => { const w = new SharedWorker('${url}/stolen'); w.onerror = () => no(new Error('blocked')); setTimeout(() => no(new Error('silent')), 500); })`,
  'shared memory for a precise clock': `new SharedArrayBuffer(8).byteLength`,
  'compiling from the network': `await WebAssembly.compileStreaming(fetch('${url}/stolen'))`,
});

/**
 * What the policy has no word for, and what is harmless without: a nested worker has the same policy and ends with its maker, a notification
 * without permission shows nothing, a lock binds only one's own origin.
 */
const HARMLESS_WITHOUT_LOCKDOWN = ['a nested worker', 'notifications', 'locks', 'permissions'];

function hostileWorker(tries: Record<string, string>): string {
  const steps = Object.entries(tries).map(
    ([name, code]) =>
      `try { const got = await (async () => ${code})(); port.postMessage([${JSON.stringify(name)}, true, String(got)]); } catch (error) { port.postMessage([${JSON.stringify(name)}, false, String(error)]); }`,
  );
  return `(async () => { const port = await heapPort; ${steps.join('\n')} port.postMessage('done'); })();`;
}

interface Escaped {
  done: boolean;
  said: [name: string, got: boolean, what: string][];
  failures: string[];
}

inBrowsers('a script that has broken out of the engine,', (open) => {
  let server: PageServer;
  let browser: TestBrowser;
  beforeAll(async () => {
    server = await startPageServer();
    browser = await open(server.url);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const breakOut = async (source: string, prelude?: string) => {
    const escaped = await browser.call<Escaped>('breakOut', { source, prelude, limit_ms: 30_000 });
    expect(escaped).toMatchObject({ done: true, failures: [] });
    return escaped.said;
  };
  const got = (said: Escaped['said']) => said.filter(([, success]) => success);

  test('gets nothing of the world', async () => {
    const tries = attempts(server.url);
    const said = await breakOut(hostileWorker(tries));
    expect(said.map(([name]) => name)).toEqual(Object.keys(tries));
    expect(got(said)).toEqual([]);
    expect(server.strangers).toEqual([]);
  });

  test("gets nothing of the world by the frame's policy alone", async () => {
    const tries = attempts(server.url);
    const said = await breakOut(hostileWorker(tries), NO_LOCKDOWN);
    expect(said.map(([name]) => name)).toEqual(Object.keys(tries));
    expect(
      got(said)
        .map(([name]) => name)
        .filter((name) => !HARMLESS_WITHOUT_LOCKDOWN.includes(name)),
    ).toEqual([]);
    expect(server.strangers).toEqual([]);
  });

  test('finds in its global scope what the sandbox keeps, and numbers', async () => {
    const [[, , names] = ['', true, '']] = await breakOut(
      hostileWorker({
        globals: `(() => { const names = new Set(); for (let o = globalThis; o !== null && o !== Object.prototype; o = Object.getPrototypeOf(o)) for (const n of Reflect.ownKeys(o)) if (n !== 'constructor' && typeof Reflect.getOwnPropertyDescriptor(o, n).value !== 'number') names.add(String(n)); return [...names].join(); })()`,
      }),
    );
    const numbers = ['NaN', 'Infinity'];
    expect(names.split(',').filter((name) => !(KEPT_GLOBALS as readonly string[]).includes(name))).toEqual([]);
    expect(KEPT_GLOBALS.filter((name) => !names.split(',').includes(name) && !numbers.includes(name))).toEqual([]);
  });

  describe('as a worker that lies to the page', () => {
    const MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    const MODULE_HASH = createHash('sha256').update(MODULE).digest('hex');
    const one = caseOf('any', 'wasm', MODULE);
    const HASH = 'a'.repeat(64);
    const admission = (hash: string) =>
      `{ module_hash: '${hash}', metered_hash: '${HASH}', meter_id: 'm', kind: 'wasm', bytes: ${MODULE.length}, imports: [] }`;
    const outcome = (more: string) =>
      `{ op: 'outcome', held_bytes: 0, outcome: { verdict: 'ok', detail: null, exit_code: 0, fuel_used: 1n, output: new Uint8Array(0), output_hash: '${HASH}', logs: '', memory_peak_bytes: 0, wall_ms: 1, ${more} } }`;
    /** Behaves until it is asked to run something, then does `at_run`. */
    const liar = (at_run: string, hash = MODULE_HASH, key = hash) => `heapPort.then((port) => { port.onmessage = ({ data }) => {
      if (data.op === 'engine') port.postMessage({ op: 'ready', held_bytes: 0 });
      if (data.op === 'load') port.postMessage({ op: 'loaded', key: '${key}', held_bytes: 0, admission: ${admission(hash)} });
      if (data.op === 'run') { ${at_run} }
    }; });`;
    const lie = (source: string) =>
      browser.call<{ result?: CaseResult; failed?: string; stall_ms_max: number }>('withWorker', { source, one });

    test.each([
      ['an outcome beyond the fuel', `port.postMessage(${outcome('fuel_used: 1n << 60n')})`],
      ['an outcome beyond the output limit', `port.postMessage(${outcome('output: new Uint8Array(1 << 20)')})`],
      ['an unknown verdict', `port.postMessage(${outcome("verdict: 'paid'")})`],
      ['the answer to another question', `port.postMessage({ op: 'ready', held_bytes: 0 })`],
      ['what is no message', `port.postMessage(null)`],
      ['what cannot be read', `port.postMessage(new Map([[{}, new Error('x')]]))`],
      ['an error it does not catch', `throw new Error('x')`],
      ['a flood', `for (let i = 0; i < 20000; i++) port.postMessage({ op: 'flood', i })`],
    ])('is ended, and the task runs elsewhere: %s', async (_, at_run) => {
      const { result, stall_ms_max } = await lie(liar(at_run));
      expect(result?.runs).toMatchObject([{ verdict: 'killed' }]);
      expect(await leastStall(stall_ms_max, () => lie(liar(at_run)))).toBeLessThan(STALL_MS_MAX);
    });

    test.each([
      ['speaks before it is asked', `heapPort.then((port) => { for (;;) port.postMessage(${outcome('')}); })`],
      [
        'answers with an outcome when it is to start',
        `heapPort.then((port) => { port.onmessage = () => port.postMessage(${outcome('')}); })`,
      ],
    ])('opens no slot: one that %s', async (_, source) => {
      expect(await lie(source)).toMatchObject({ failed: 'sandbox_failed' });
    });

    test('is ended when it sends a gigabyte; reading the first part is what the page pays', async () => {
      const gigabyte = liar('for (let i = 0; i < 64; i++) port.postMessage(new Uint8Array(16 << 20))');
      const { result, stall_ms_max } = await lie(gigabyte);
      expect(result?.runs).toMatchObject([{ verdict: 'killed' }]);
      expect(await leastStall(stall_ms_max, () => lie(gigabyte))).toBeLessThan(1000);
    });

    test('is ended when it never says that a module is loaded', async () => {
      const source =
        "heapPort.then((port) => { port.onmessage = ({ data }) => data.op === 'engine' && port.postMessage({ op: 'ready', held_bytes: 0 }); })";
      expect((await lie(source)).result).toMatchObject({ refused: 'sandbox_failed' });
    });

    test('loads no module under the hash of another', async () => {
      expect((await lie(liar('', HASH))).result).toMatchObject({ refused: 'sandbox_failed' });
      expect((await lie(liar('', MODULE_HASH, HASH))).result).toMatchObject({ refused: 'sandbox_failed' });
    });

    test('an answer too many costs it the slot, not the page its account', async () => {
      const { result } = await lie(liar(`for (let i = 0; i < 3; i++) port.postMessage(${outcome('')})`));
      expect(result?.runs).toMatchObject([{ verdict: 'ok', fuel_used: '1' }]);
    });
  });
});

inChromium('a script that has broken into the frame, in Chromium', () => {
  let server: PageServer;
  let browser: Chromium;
  beforeAll(async () => {
    server = await startPageServer();
    browser = await openChromium(server.url);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test('opens no window, moves no page, reads no storage and no neighbour', async () => {
    await browser.call('open', { worker: '/sandbox-worker.js' });
    const [, frame] = browser.page.frames();
    const tries = {
      origin: `(() => { if (origin !== 'null') return origin; throw new Error('none'); })()`,
      window: `(() => { const w = open('${server.url}/stolen'); if (w) return 'opened'; throw new Error('refused'); })()`,
      'top navigation': `(() => { top.location.href = '${server.url}/stolen'; })()`,
      parent: `parent.document.title`,
      cookies: `document.cookie`,
      localStorage: `localStorage.length`,
      fetch: `await fetch('${server.url}/stolen')`,
      image: `await new Promise((ok, no) => { const i = new Image(); i.onload = ok; i.onerror = () => no(new Error('blocked')); i.src = '${server.url}/stolen'; })`,
      'a form': `(() => { const f = document.createElement('form'); f.action = '${server.url}/stolen'; document.body.append(f); f.submit(); throw new Error('submitted into nothing'); })()`,
      'an inner frame': `await new Promise((ok, no) => { const f = document.createElement('iframe'); f.src = '${server.url}/stolen'; document.addEventListener('securitypolicyviolation', () => no(new Error('blocked'))); document.body.append(f); f.onload = () => ok('loaded'); })`,
      camera: `await navigator.mediaDevices.getUserMedia({ video: true })`,
      place: `await new Promise((ok, no) => navigator.geolocation.getCurrentPosition(ok, no))`,
      clipboard: `await navigator.clipboard.readText()`,
    };
    const outcomes: Record<string, string> = {};
    for (const [name, code] of Object.entries(tries)) {
      const outcome = await frame?.evaluate<string>(`(async () => ${code})().then((got) => 'got ' + got, (error) => 'blocked: ' + error)`);
      outcomes[name] = outcome ?? 'no frame';
    }
    expect(Object.entries(outcomes).filter(([, outcome]) => !outcome.startsWith('blocked'))).toEqual([]);
    expect(server.strangers).toEqual([]);
    expect(browser.page.url()).toBe(`${server.url}/`);
    expect(browser.page.context().pages()).toHaveLength(1);
  });
});
