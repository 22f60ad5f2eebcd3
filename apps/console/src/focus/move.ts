import { type Direction, nextFocus } from './next-focus.js';

const FOCUSABLE = 'a[href], button:not(:disabled), input:not(:disabled), summary, [tabindex="0"]';

/** Moves the focus the way an arrow points, within the dialog that is open. @returns false where nothing lies there. */
export function moveFocus(direction: Direction): boolean {
  const within = document.querySelector('dialog[open]') ?? document.body;
  const all = [...within.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((element) => element.checkVisibility());
  const active = document.activeElement instanceof HTMLElement && within.contains(document.activeElement) ? document.activeElement : null;
  const others = all.filter((element) => element !== active);
  const boxes = others.map((element) => element.getBoundingClientRect());
  const to = active === null || active === document.body ? all[0] : others[nextFocus(active.getBoundingClientRect(), boxes, direction)];
  if (to === undefined) return false;
  // By a program the ring is only drawn when it is asked for, and who steers with arrows has to see where they are.
  to.focus({ focusVisible: true, preventScroll: true } as FocusOptions);
  to.scrollIntoView({ block: 'center', behavior: 'auto' });
  return true;
}

/** What the middle of a remote or the first button of a pad does. */
export function pressFocused(): void {
  if (document.activeElement instanceof HTMLElement && document.activeElement !== document.body) document.activeElement.click();
  else moveFocus('down');
}

/** Closes the dialog that is open; without one the browser's own way back stays what it is. */
export function goBack(): void {
  document.querySelector<HTMLDialogElement>('dialog[open]')?.close();
}
