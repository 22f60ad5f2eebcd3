import { goBack, moveFocus, pressFocused } from './move.js';
import { type Held, NOTHING_HELD, type Press, padPresses } from './pad-presses.js';

/** Pads are looked at, they tell nothing by themselves. Only while one is connected and the page is seen. */
const LOOK_EVERY_MS = 50;

/** Lets a game pad move the focus. @returns ends it. */
export function steerByPad(): () => void {
  let timer: ReturnType<typeof setInterval> | undefined;
  const held = new Map<number, Held>();
  const look = () => {
    for (const pad of navigator.getGamepads()) {
      if (pad === null) continue;
      const seen = padPresses(held.get(pad.index) ?? NOTHING_HELD, pad, performance.now());
      held.set(pad.index, seen.held);
      for (const press of seen.presses) act(press);
    }
  };
  const settle = () => {
    const wanted = !document.hidden && (navigator.getGamepads?.() ?? []).some((pad) => pad !== null);
    clearInterval(timer);
    timer = wanted ? setInterval(look, LOOK_EVERY_MS) : undefined;
  };
  const events = [
    [window, 'gamepadconnected'],
    [window, 'gamepaddisconnected'],
    [document, 'visibilitychange'],
  ] as const;
  for (const [target, name] of events) target.addEventListener(name, settle);
  settle();
  return () => {
    clearInterval(timer);
    for (const [target, name] of events) target.removeEventListener(name, settle);
  };
}

function act(press: Press): void {
  if (press === 'ok') pressFocused();
  else if (press === 'back') goBack();
  else moveFocus(press);
}
