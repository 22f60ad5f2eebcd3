/** One heading of a document with the text under it. */
export interface Section {
  address: string;
  page: string;
  heading: string;
  text: string;
}

export interface Found {
  section: Section;
  /** What stands around the first word found, with the words found apart. */
  excerpt: { text: string; found: boolean }[];
}

const FOUND_MAX = 12;
const AROUND_CHARS = 60;
const EXCERPT_CHARS = 180;
const WEIGHTS = { heading: 12, page: 6, text: 1 };
const TIMES_MAX = 5;

export const wordsOf = (query: string): string[] => query.toLowerCase().match(/[\p{L}\p{N}_.-]{2,}/gu) ?? [];

/** Sections that have every word, or a word that begins with it, best first. */
export function search(sections: readonly Section[], query: string): Found[] {
  const words = wordsOf(query).map((word) => new RegExp(`(?<![\\p{L}\\p{N}])${literally(word)}`, 'giu'));
  if (words.length === 0) return [];
  return sections
    .map((section) => ({ section, score: scoreOf(section, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, FOUND_MAX)
    .map(({ section }) => ({ section, excerpt: excerptOf(section.text, words) }));
}

function scoreOf(section: Section, words: readonly RegExp[]): number {
  let sum = 0;
  for (const word of words) {
    const times = (text: string) => Math.min(TIMES_MAX, [...text.matchAll(word)].length);
    const score = times(section.heading) * WEIGHTS.heading + times(section.page) * WEIGHTS.page + times(section.text) * WEIGHTS.text;
    if (score === 0) return 0;
    sum += score;
  }
  return sum;
}

function excerptOf(text: string, words: readonly RegExp[]): Found['excerpt'] {
  const first = Math.min(...words.map((word) => [...text.matchAll(word)][0]?.index ?? Number.POSITIVE_INFINITY));
  const begin = Number.isFinite(first) ? Math.max(0, text.lastIndexOf(' ', Math.max(0, first - AROUND_CHARS)) + 1) : 0;
  const cut = text.slice(begin, begin + EXCERPT_CHARS);
  const any = new RegExp(words.map(({ source }) => `${source}[\\p{L}\\p{N}]*`).join('|'), 'giu');
  const parts: Found['excerpt'] = [];
  let at = 0;
  for (const match of cut.matchAll(any)) {
    parts.push({ text: cut.slice(at, match.index), found: false }, { text: match[0], found: true });
    at = match.index + match[0].length;
  }
  parts.push({ text: cut.slice(at), found: false });
  if (begin > 0) parts.unshift({ text: '… ', found: false });
  if (begin + EXCERPT_CHARS < text.length) parts.push({ text: ' …', found: false });
  return parts.filter((part) => part.text !== '');
}

const literally = (word: string): string => word.replace(/[.\\-]/g, '\\$&');
