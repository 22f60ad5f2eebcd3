import fs from 'node:fs';
import path from 'node:path';

/* The documentation pages, as setup makes them: whoever follows a link on one arrives. */
const FOLDER = path.resolve(import.meta.dirname, '../../console');
const PAGES = ['docs.html', ...fs.readdirSync(path.join(FOLDER, 'docs'), { recursive: true, encoding: 'utf8' })]
  .filter((name) => name.endsWith('.html'))
  .map((name) => (name === 'docs.html' ? name : `docs/${name}`));
const html = new Map(PAGES.map((name) => [name, fs.readFileSync(path.join(FOLDER, name), 'utf8')]));
/** What the heap serves beside these pages, by the console. */
const ELSEWHERE = ['/', '/join'];

const anchors = (page: string) => [...(html.get(page) ?? '').matchAll(/ id="([^"]+)"/g)].map((match) => match[1] ?? '');
const linked = (page: string) =>
  [...(html.get(page) ?? '').matchAll(/ (?:href|src)="([^"]+)"/g)].map((match) => (match[1] ?? '').replaceAll('&#38;', '&'));

function arrives(page: string, link: string): boolean {
  if (/^https?:/.test(link)) return true;
  const [address = '', anchor] = link.split('#', 2);
  if (ELSEWHERE.includes(address)) return true;
  const target = address === '' ? page : `${address.slice(1)}.html`;
  if (!html.has(target)) return fs.existsSync(path.join(FOLDER, address));
  return anchor === undefined || anchors(target).includes(anchor);
}

test('no link of any page is dead', () => {
  expect(PAGES.length).toBeGreaterThan(35);
  const links = PAGES.flatMap((page) => linked(page).map((link) => ({ page, link })));
  expect(links.length).toBeGreaterThan(PAGES.length * 20);
  expect(links.filter(({ page, link }) => !arrives(page, link))).toEqual([]);
});

test('no anchor is given twice on one page', () => {
  const twice = PAGES.filter((page) => new Set(anchors(page)).size !== anchors(page).length);
  expect(twice).toEqual([]);
});

test('a page needs neither inline style nor inline script', () => {
  for (const text of html.values()) expect(text).not.toMatch(/ style="|<style|<script(?! type="module" src=")|\son\w+="/);
});

test('the index of the search leads to headings that are there', () => {
  const index = JSON.parse(fs.readFileSync(path.join(FOLDER, 'docs/search.json'), 'utf8')) as { address: string; heading: string }[];
  expect(index.length).toBeGreaterThan(200);
  expect(index.filter(({ address }) => !arrives('docs.html', address))).toEqual([]);
});
