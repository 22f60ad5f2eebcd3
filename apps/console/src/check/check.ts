import { LACKS } from '../text/en.js';

/*
 * Runs before everything else and says in words what is missing: a browser too old for the page must still understand this file, which is
 * built down to the oldest JavaScript that the build knows and asks for nothing without looking first.
 */

type Feature = Exclude<keyof typeof LACKS, 'head' | 'intro' | 'otherwise' | 'failed'>;

const here = window as unknown as Record<string, unknown> & { isSecureContext?: boolean };
const of = navigator as unknown as Record<string, unknown>;

function missing(): Feature[] {
  const found: Feature[] = [];
  const need = (feature: Feature, there: boolean) => {
    if (!there) found.push(feature);
  };
  // Plain http hides cryptography and locks as well: one cause is one sentence.
  if (here.isSecureContext === false) return ['secure'];
  need('wasm', typeof WebAssembly === 'object');
  need('bigint', typeof BigInt === 'function' && typeof BigInt64Array === 'function');
  need('crypto', typeof crypto === 'object' && typeof crypto.subtle === 'object');
  need('storage', reachable('indexedDB'));
  need('locks', typeof of.locks === 'object');
  need('workers', typeof Worker === 'function' && typeof MessageChannel === 'function');
  need('socket', typeof WebSocket === 'function');
  return found;
}

/** Looking at storage throws where the owner has switched it off. */
function reachable(name: string): boolean {
  try {
    return typeof here[name] === 'object' && here[name] !== null;
  } catch {
    return false;
  }
}

function tell(sentences: readonly string[], intro: string): void {
  const place = document.getElementById('lacks');
  if (place === null) return;
  const add = (tag: string, text: string, into: HTMLElement) => {
    const element = document.createElement(tag);
    element.textContent = text;
    into.appendChild(element);
    return element;
  };
  place.textContent = '';
  add('h1', LACKS.head, place);
  add('p', intro, place);
  const list = add('ul', '', place);
  for (const sentence of sentences) add('li', sentence, list);
  add('p', LACKS.otherwise, place);
  place.hidden = false;
}

const lacking = missing();
if (lacking.length > 0) document.documentElement.setAttribute('data-lacks', lacking.join(' '));
document.addEventListener('DOMContentLoaded', () => {
  if (lacking.length > 0)
    tell(
      lacking.map((feature) => LACKS[feature]),
      LACKS.intro,
    );
});
// A script that is refused or broken leaves nothing on the page; then at least this is there.
addEventListener(
  'error',
  (event) => {
    const script = event.target instanceof HTMLScriptElement || (event as ErrorEvent).message !== undefined;
    const empty = document.getElementById('app')?.childElementCount === 0;
    if (script && empty && lacking.length === 0) tell([LACKS.failed], '');
  },
  true,
);
