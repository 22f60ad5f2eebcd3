export const DIRECTIONS = ['up', 'down', 'left', 'right'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** Where something is on the page, as `getBoundingClientRect` has it. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** How much more a step aside counts than a step in the direction. */
const ASIDE = 3;

/**
 * Which box a press of an arrow leads to from `from`: the nearest that begins beyond it in the direction, where what overlaps it across comes
 * before what lies aside. @returns its index, or -1 where nothing lies there.
 */
export function nextFocus(from: Box, boxes: readonly Box[], direction: Direction): number {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (const [i, box] of boxes.entries()) {
    const ahead = distanceAhead(from, box, direction);
    if (ahead === null) continue;
    const distance = ahead + ASIDE * distanceAside(from, box, direction);
    if (distance < least) [best, least] = [i, distance];
  }
  return best;
}

/** Between the near edges; null where the box does not lie that way. Boxes that touch or overlap a little still do. */
function distanceAhead(from: Box, box: Box, direction: Direction): number | null {
  const { middle, near } = {
    up: { middle: centre(from.top, from.bottom) - centre(box.top, box.bottom), near: from.top - box.bottom },
    down: { middle: centre(box.top, box.bottom) - centre(from.top, from.bottom), near: box.top - from.bottom },
    left: { middle: centre(from.left, from.right) - centre(box.left, box.right), near: from.left - box.right },
    right: { middle: centre(box.left, box.right) - centre(from.left, from.right), near: box.left - from.right },
  }[direction];
  const overlap =
    direction === 'up' || direction === 'down'
      ? shorter(from.top, from.bottom, box.top, box.bottom)
      : shorter(from.left, from.right, box.left, box.right);
  if (middle <= 0 || near < -overlap / 2) return null;
  return Math.max(0, near);
}

/** How far apart the boxes are across the direction; 0 where they overlap. */
function distanceAside(from: Box, box: Box, direction: Direction): number {
  if (direction === 'up' || direction === 'down') return Math.max(0, box.left - from.right, from.left - box.right);
  return Math.max(0, box.top - from.bottom, from.top - box.bottom);
}

const centre = (a: number, b: number) => (a + b) / 2;
const shorter = (a: number, b: number, c: number, d: number) => Math.min(b - a, d - c);
