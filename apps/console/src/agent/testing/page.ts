/** The agent in a page of nothing else: what the browser tests drive by name. Everything that crosses is JSON. */
import type { BrowserRules, JoinConsent } from '../contract.js';
import { createBrowserAgent } from '../index.js';
import { damage } from './damage.js';

const settings = new URL(location.href).searchParams;
const bounds = JSON.parse(settings.get('bounds') ?? '{}') as Record<string, number>;
/** What an owner waits for after a touch is no test's business. */
const calm = { idle_ms: 1_000, dwell_ms: 300 };
const agent = createBrowserAgent({ assets: { worker_url: '/sandbox-worker.js', engine_url: '/quickjs.wasm' }, bounds, calm });

const states: { at_ms: number; state: string; code: string }[] = [];
const note = () => {
  const { state, reason } = agent.snapshot();
  const last = states.at(-1);
  if (last?.state !== state || last.code !== reason.code) states.push({ at_ms: performance.now(), state, code: reason.code });
};
note();
agent.subscribe(note);

const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? String(member) : member)) ?? 'null');

/** Resolves when the view says so: a test's predicate in source, because functions do not cross. */
async function until(predicate: string): Promise<unknown> {
  const holds = (view: unknown) => (JSON.parse(predicate) as Record<string, unknown>[]).some((wanted) => matches(view, wanted));
  while (!holds(plain(agent.snapshot()))) await new Promise((resolve) => setTimeout(resolve, 20));
  return plain(agent.snapshot());
}

function matches(value: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return value === wanted;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(wanted).every(([key, part]) => matches((value as Record<string, unknown>)[key], part));
}

const outcome = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    return plain((await work) ?? null);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return { refused: code ?? 'unknown', message };
  }
};

const CONSENT: JoinConsent = { wake_lock: false, name: null, kind: null };

let asked_ms = 0;
let slowest_ms = 0;
let clicking: ReturnType<typeof setInterval> | undefined;
/** A click as soon as the browser would bring one: what comes between asking for it and its handler is what a finger would wait. */
function watchClicks(): void {
  slowest_ms = 0;
  asked_ms = performance.now();
  const button = document.getElementById('press');
  button?.addEventListener('click', answered);
  clicking = setInterval(() => button?.click(), CLICK_EVERY_MS);
}
const CLICK_EVERY_MS = 10;

function answered(): void {
  slowest_ms = Math.max(slowest_ms, performance.now() - asked_ms);
  asked_ms = performance.now();
}

function slowestClick(): number {
  clearInterval(clicking);
  return slowest_ms;
}

Object.assign(globalThis, {
  agentTest: {
    view: () => plain(agent.snapshot()),
    states: () => states,
    until,
    join: (code: string, consent: Partial<JoinConsent> = {}) => outcome(agent.join(code, { ...CONSENT, ...consent })),
    hold: (for_ms: number | null) => outcome(agent.hold(for_ms)),
    resume: () => agent.resume(),
    setRules: (rules: Partial<BrowserRules>) => outcome(agent.setRules(rules)),
    setKind: (kind: never) => outcome(agent.setKind(kind)),
    leave: () => outcome(agent.leave()),
    stop: () => outcome(agent.stop()),
    damage,
    watchClicks,
    slowestClick,
  },
});
