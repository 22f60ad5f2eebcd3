import type { TestBrowser } from './browser.js';
import { CHROMIUM, openChromium } from './chromium.js';
import { FIREFOX, openFirefox } from './firefox.js';

type Tests = (open: (url: string) => Promise<TestBrowser>) => void;

/** The same tests in each browser; skipped by name where it is not installed. */
export function inBrowsers(title: string, tests: Tests): void {
  (CHROMIUM === null ? describe.skip : describe)(`${title} in Chromium`, () => tests(openChromium));
  (FIREFOX === null ? describe.skip : describe)(`${title} in Firefox`, () => tests(openFirefox));
}

/** For what only Chromium's driver can look into. */
export const inChromium = CHROMIUM === null ? describe.skip : describe;
