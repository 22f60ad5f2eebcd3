/** The first that fits names it: many browsers claim to be others as well. */
const BROWSERS = [
  [/\bEdg(A|iOS)?\//, 'Edge'],
  [/\b(OPR|Opera)\//, 'Opera'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
] as const;
const SYSTEMS = [
  [/\b(iPhone|iPad)\b/, 'an iPhone or iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'a Mac'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
] as const;

const first = (table: readonly (readonly [RegExp, string])[], text: string): string | undefined => table.find(([of]) => of.test(text))?.[1];

/** What a user agent's own name says of it, in words that a person knows. */
export function deviceOf(user_agent: string): string {
  const [browser, system] = [first(BROWSERS, user_agent), first(SYSTEMS, user_agent)];
  if (browser === undefined) return system === undefined ? 'a program' : `a program on ${system}`;
  return system === undefined ? browser : `${browser} on ${system}`;
}
