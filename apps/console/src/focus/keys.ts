import { goBack, moveFocus, pressFocused } from './move.js';
import type { Direction } from './next-focus.js';

const ARROWS: Readonly<Record<string, Direction>> = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right' };
/** How the remotes of televisions call their way back. */
const BACK = new Set(['GoBack', 'BrowserBack', 'XF86Back']);

/** Lets the arrow keys of a keyboard or remote move the focus. @returns ends it. */
export function steerByKeys(): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const direction = ARROWS[event.key];
    if (direction !== undefined && !needsIt(event.target, direction) && moveFocus(direction)) event.preventDefault();
    // A remote's middle button is Enter, which a checkbox does not know.
    if (event.key === 'Enter' && event.target instanceof HTMLInputElement && event.target.type === 'checkbox') {
      event.preventDefault();
      pressFocused();
    }
    if (BACK.has(event.key) && document.querySelector('dialog[open]')) {
      event.preventDefault();
      goBack();
    }
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

/** Text is edited with left and right. */
const needsIt = (target: EventTarget | null, direction: Direction): boolean =>
  target instanceof HTMLInputElement &&
  target.type !== 'checkbox' &&
  target.value !== '' &&
  (direction === 'left' || direction === 'right');
