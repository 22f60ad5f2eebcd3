/** The page of the browser tests: the slot as a product's page opens it, and what tests ask of it by name. */
import type { RunOutcome, SandboxSlot } from '#sandbox';
import { openBrowserSlot } from '#sandbox/browser';
import type { PageDocument } from '../../libs/sandbox/src/browser/dom.js';
import { openFrame } from '../../libs/sandbox/src/browser/frame.js';
import { type Case, type CaseResult, limitsOf, taskOf } from './support/cases.js';

declare const document: PageDocument & { querySelectorAll(selector: string): Iterable<Marked> };

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let slot: SandboxSlot | null = null;

/** Opens the page's slot with one of the server's worker scripts. */
async function open({
  worker,
  spare = true,
  held_bytes_max,
}: {
  worker: string;
  spare?: boolean;
  held_bytes_max?: number;
}): Promise<number> {
  await slot?.close();
  const [worker_source, engine] = await Promise.all([
    fetch(worker).then((r) => r.text()),
    fetch('/quickjs.wasm').then((r) => r.arrayBuffer()),
  ]);
  const started = performance.now();
  const more = held_bytes_max === undefined ? {} : { held_bytes_max };
  slot = await openBrowserSlot({ document, worker_source, engine_bytes: new Uint8Array(engine), spare, ...more });
  return performance.now() - started;
}

async function close(): Promise<void> {
  await slot?.close();
  slot = null;
}

const opened = (): SandboxSlot => {
  if (slot === null) throw new Error('no slot is open');
  return slot;
};

async function runCase({ name, kind, codec, bytes_base64, runs }: Case): Promise<CaseResult> {
  try {
    const { module_hash, metered_hash } = await opened().load({ kind, codec, bytes: bytesOf(bytes_base64) });
    const result: CaseResult = { name, refused: null, metered_hash, runs: [] };
    for (const run of runs) {
      const outcome = await opened().run(module_hash, taskOf(run), limitsOf(run));
      result.runs.push({
        verdict: outcome.verdict,
        fuel_used: String(outcome.fuel_used),
        hash: outcome.output_hash,
        output: decoder.decode(outcome.output),
        memory_peak_bytes: outcome.memory_peak_bytes,
      });
    }
    return result;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return { name, refused: code ?? message, metered_hash: null, runs: [] };
  }
}

/** Fetches cases and runs them in order; answers their results and the longest time in which this page did not get its turn. */
async function runCases({ url }: { url: string }): Promise<{ results: CaseResult[]; stall_ms_max: number }> {
  const cases = (await (await fetch(url)).json()) as Case[];
  const watch = watchStalls();
  const results: CaseResult[] = [];
  for (const one of cases) results.push(await runCase(one));
  return { results, stall_ms_max: watch() };
}

function watchStalls(): () => number {
  let last = performance.now();
  let worst = 0;
  const look = () => {
    const now = performance.now();
    worst = Math.max(worst, now - last);
    last = now;
  };
  const timer = setInterval(look, 10);
  return () => {
    look();
    clearInterval(timer);
    return worst;
  };
}

interface BatchRequest {
  one: Case;
  count: number;
  /** Stops after this many milliseconds. */
  abort_ms?: number;
}

/** Loads a case's module and runs its first run `count` times as one batch. */
async function runBatch({ one, count, abort_ms }: BatchRequest): Promise<{ verdicts: string[]; outputs: string[]; ms: number }> {
  const { module_hash } = await opened().load({ kind: one.kind, codec: one.codec, bytes: bytesOf(one.bytes_base64) });
  const [run] = one.runs;
  if (!run) throw new Error('a batch needs a run');
  const tasks = Array.from({ length: count }, (_, i) => ({ input: encoder.encode(run.input.replace('$i', String(i))) }));
  const outcomes: RunOutcome[] = [];
  const stop = new AbortController();
  if (abort_ms !== undefined) setTimeout(() => stop.abort(), abort_ms);
  const started = performance.now();
  const record = (index: number, outcome: RunOutcome) => {
    if (index !== outcomes.length) throw new Error(`outcome ${index} came as number ${outcomes.length}`);
    outcomes.push(outcome);
  };
  await opened().runBatch(module_hash, tasks, limitsOf(run), record, stop.signal);
  const ms = performance.now() - started;
  return { verdicts: outcomes.map((o) => o.verdict), outputs: outcomes.map((o) => decoder.decode(o.output)), ms };
}

/** Runs a script in the sandbox's frame in place of the sandbox; answers what it posts to the page until it says `done`, or the time is up. */
async function breakOut({ source, prelude, limit_ms = 5000 }: { source: string; prelude?: string; limit_ms?: number }) {
  const said: unknown[] = [];
  const failures: string[] = [];
  const frame = openFrame(document, source, (why) => failures.push(why), prelude);
  let done = false;
  frame.port.onmessage = ({ data }) => {
    if (data === 'done') done = true;
    else said.push(data);
  };
  for (const end = performance.now() + limit_ms; !done && failures.length === 0 && performance.now() < end; ) await sleep(10);
  frame.remove();
  return { done, said, failures };
}

/** Opens a slot whose worker is the script given, and loads and runs as ever; answers what the slot's user gets. */
async function withWorker({ source, one }: { source: string; one: Case }) {
  const watch = watchStalls();
  try {
    const forged = await openBrowserSlot({
      document,
      worker_source: source,
      engine_bytes: new Uint8Array(8),
      spare: false,
      load_ms_max: 2000,
    });
    const own = slot;
    slot = forged;
    const result = await runCase(one);
    slot = own;
    await forged.close();
    return { result, stall_ms_max: watch() };
  } catch (error) {
    return { failed: (error as { code?: string }).code ?? String(error), stall_ms_max: watch() };
  }
}

interface Marked {
  dataset: { before?: string };
}

/** How many frames the page holds, and how many of them were there when they were last marked. */
async function frames(options: { mark?: boolean } | null): Promise<{ all: number; marked: number }> {
  const all = [...document.querySelectorAll('iframe')];
  if (options?.mark) for (const frame of all) frame.dataset.before = '';
  return { all: all.length, marked: all.filter((frame) => frame.dataset.before !== undefined).length };
}

Object.assign(globalThis, {
  heapTest: { open, close, runCase, runCases, runBatch, breakOut, withWorker, frames },
});
