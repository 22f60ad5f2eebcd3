import { SECURITY } from '../text/security.en.js';

/** More telling names first: each of these browsers says that it is some of those below it. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|Chromium|HeadlessChrome)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\biPad\b/, 'iPad'],
  [/\biPhone\b/, 'iPhone'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

const of = (names: typeof BROWSERS, user_agent: string) => names.find(([pattern]) => pattern.test(user_agent))?.[1];

/** What a person calls the device or program that signed in, from how it names itself. */
export function deviceName(user_agent: string | null): string {
  if (user_agent === null) return SECURITY.sessions.unknown;
  const [browser, system] = [of(BROWSERS, user_agent), of(SYSTEMS, user_agent)];
  if (browser && system) return SECURITY.sessions.device(browser, system);
  return browser ?? system ?? user_agent.slice(0, 60);
}
