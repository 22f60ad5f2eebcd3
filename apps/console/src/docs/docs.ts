// The only script of the documentation pages: their search. Without it they read the same.
import './docs.css';
import { type Found, type Section, search } from './search.js';

const SAYINGS = {
  none: (query: string) => `Nothing has “${query}”. Try fewer or shorter words.`,
  some: (count: number) => `${count} found; arrow down goes through them.`,
  failed: 'The index did not arrive. Try again when you are online.',
};

const element = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E;
const field = element<HTMLInputElement>('search');
const list = element('found');
const told = element('told');

let index: Promise<Section[]> | null = null;
let chosen = -1;

async function load(): Promise<Section[]> {
  const response = await fetch('/docs/search.json');
  if (!response.ok) throw new Error(`the index answered ${response.status}`);
  return response.json();
}

async function look(): Promise<void> {
  const query = field.value.trim();
  if (query === '') return show([], '');
  index ??= load();
  try {
    const sections = await index;
    // Somebody may have typed on meanwhile.
    if (query === field.value.trim()) show(search(sections, query), query);
  } catch {
    index = null;
    told.textContent = SAYINGS.failed;
  }
}

function show(found: readonly Found[], query: string): void {
  chosen = -1;
  field.removeAttribute('aria-activedescendant');
  list.replaceChildren(...found.map(entry));
  list.hidden = found.length === 0;
  field.setAttribute('aria-expanded', String(found.length > 0));
  told.textContent = query === '' ? '' : found.length > 0 ? SAYINGS.some(found.length) : SAYINGS.none(query);
}

function entry({ section, excerpt }: Found, i: number): HTMLElement {
  const link = document.createElement('a');
  link.id = `found-${i}`;
  link.href = section.address;
  link.setAttribute('role', 'option');
  link.setAttribute('aria-selected', 'false');
  link.tabIndex = -1;
  const heading = document.createElement('strong');
  heading.textContent = section.heading === section.page ? section.page : `${section.page} › ${section.heading}`;
  const text = document.createElement('span');
  text.append(
    ...excerpt.map((part) => {
      if (!part.found) return part.text;
      const mark = document.createElement('mark');
      mark.textContent = part.text;
      return mark;
    }),
  );
  link.append(heading, text);
  return link;
}

function choose(step: number): void {
  const options = [...list.children];
  if (options.length === 0) return;
  chosen = (chosen + step + options.length) % options.length;
  for (const [i, option] of options.entries()) option.setAttribute('aria-selected', String(i === chosen));
  field.setAttribute('aria-activedescendant', `found-${chosen}`);
  options[chosen]?.scrollIntoView({ block: 'nearest' });
}

field.addEventListener('input', () => void look());
field.addEventListener('keydown', (event) => {
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    choose(event.key === 'ArrowDown' ? 1 : -1);
  }
  if (event.key === 'Escape') show([], '');
});
field.form?.addEventListener('submit', (event) => {
  event.preventDefault();
  (list.children[Math.max(0, chosen)] as HTMLAnchorElement | undefined)?.click();
});
list.addEventListener('click', () => show([], ''));
document.addEventListener('keydown', (event) => {
  const typing = event.target instanceof HTMLElement && /^(input|textarea|select)$/i.test(event.target.tagName);
  if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  field.focus();
});
if (field.form) field.form.hidden = false;
