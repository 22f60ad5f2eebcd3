import type { NodeKind } from '#units';

/** What a browser says of its device. */
export interface KindHints {
  user_agent: string;
  /** User-Agent Client Hints; null where the browser has none. */
  mobile: boolean | null;
  touch_points: number;
}

/** In this order: what a console's browser says contains what a computer's says. Televisions and the boxes under them count as one kind. */
const SAYS: readonly [RegExp, NodeKind][] = [
  [/playstation|xbox|nintendo/i, 'console'],
  [
    /smart-?tv|smarttv|google ?tv|android tv|apple ?tv|hbbtv|web0s|webos|tizen(?!.*mobile)|bravia|aft[a-z]+|roku|crkey|viera|netcast/i,
    'settop',
  ],
  [/iphone|ipod|ipad|android|windows phone|kaios|mobile safari/i, 'phone'],
  [/cros/i, 'netbook'],
  [/linux (armv|aarch64)/i, 'board'],
];

/** A first guess that the owner can correct. Tablets count as phones: a battery, a cellular modem perhaps, no fan. */
export function guessKind({ user_agent, mobile, touch_points }: KindHints): NodeKind {
  const said = SAYS.find(([pattern]) => pattern.test(user_agent))?.[1];
  if (said !== undefined) return said;
  // iPads say that they are Macs; no Mac has a touch screen.
  if (mobile === true || (/macintosh/i.test(user_agent) && touch_points > 1)) return 'phone';
  return 'laptop';
}
