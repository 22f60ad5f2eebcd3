import type { Direction } from './next-focus.js';

/** What of a game pad counts; a `Gamepad` is one. */
export interface Pad {
  readonly buttons: readonly { readonly pressed: boolean }[];
  readonly axes: readonly number[];
}

export type Press = Direction | 'ok' | 'back';

/** Buttons by the standard mapping of the W3C's Gamepad specification. */
const BUTTONS: Readonly<Record<number, Press>> = { 0: 'ok', 1: 'back', 12: 'up', 13: 'down', 14: 'left', 15: 'right' };
/** How far the stick has to lean. */
const LEAN = 0.6;
/** A direction that stays pressed moves on after the first of these, then after each of the second. */
const REPEAT_AFTER_MS = 450;
const REPEAT_EVERY_MS = 140;

/** What is held down, and when it counts again. */
export interface Held {
  readonly down: ReadonlyMap<Press, number>;
}
export const NOTHING_HELD: Held = { down: new Map() };

/** What a look at a pad adds to the look before: presses that are new, and directions that were held long enough to repeat. */
export function padPresses(held: Held, pad: Pad, now_ms: number): { held: Held; presses: readonly Press[] } {
  const down = new Map<Press, number>();
  const presses: Press[] = [];
  for (const press of pressed(pad)) {
    const again_at_ms = held.down.get(press);
    const repeats = again_at_ms !== undefined && press !== 'ok' && press !== 'back' && now_ms >= again_at_ms;
    if (again_at_ms === undefined || repeats) presses.push(press);
    down.set(press, again_at_ms === undefined ? now_ms + REPEAT_AFTER_MS : repeats ? now_ms + REPEAT_EVERY_MS : again_at_ms);
  }
  return { held: { down }, presses };
}

function pressed({ buttons, axes }: Pad): Set<Press> {
  const all = new Set<Press>();
  for (const [i, press] of Object.entries(BUTTONS)) if (buttons[Number(i)]?.pressed) all.add(press);
  const [x = 0, y = 0] = axes;
  if (x <= -LEAN) all.add('left');
  if (x >= LEAN) all.add('right');
  if (y <= -LEAN) all.add('up');
  if (y >= LEAN) all.add('down');
  return all;
}
