/** What a page says to the version that waits when nothing is under way any more. */
export const TAKE_OVER = 'take-over';
