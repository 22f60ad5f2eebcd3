import axe from 'axe-core';
import type { Page } from 'playwright-core';

interface Violation {
  id: string;
  impact: string;
  nodes: { target: string[] }[];
}

/** What axe-core finds serious or critical, each as rule and places; nothing on a page that everybody can use. */
export async function seriousFaults(page: Page): Promise<string[]> {
  // By the driver: the page's own policy lets no foreign script in.
  if (!(await page.evaluate('typeof axe === "object"'))) await page.evaluate(axe.source);
  const { violations } = await page.evaluate<{ violations: Violation[] }>('axe.run(document, { resultTypes: ["violations"] })');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

/** How many pixels the page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

/** What a page complains of from now on: errors, refused content, failed scripts. */
export function complaints(page: Page): string[] {
  const heard: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') heard.push(message.text());
  });
  page.on('pageerror', (error) => heard.push(String(error)));
  return heard;
}

/** The text of what has the focus. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate('(document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? "").trim()');

/** Waits until an expression holds in the page. Asked from here: the page's policy lets the driver's own way of waiting evaluate nothing. */
export async function until(page: Page, expression: string): Promise<void> {
  while (!(await page.evaluate(expression))) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Waits until a page of the console shows its heading and nothing that is still on its way, and no request is. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await until(page, 'document.querySelector("[role=status][aria-label], [data-loading], .mantine-Skeleton-root") === null');
  await page.waitForLoadState('networkidle');
}
