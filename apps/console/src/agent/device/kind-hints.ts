import type { KindHints } from './kind.js';

/** @param browser the page's own. */
export function kindHints(browser: Navigator): KindHints {
  const { userAgentData } = browser as Navigator & { userAgentData?: { mobile: boolean } };
  return { user_agent: browser.userAgent, mobile: userAgentData?.mobile ?? null, touch_points: browser.maxTouchPoints };
}
