export interface Document {
  name: string;
  text: string;
}

export interface WordStatistics {
  name: string;
  words: number;
  sentences: number;
  syllables: number;
  /** How often each word occurs, in lower case. */
  counts: Record<string, number>;
}

/**
 * Runs on a device: it sees nothing but its input, so everything it needs is inside it. Markdown's code, links and marks are no words; syllables
 * are groups of vowels, without a silent e at the end ("title" has two, "house" one).
 */
export function analyse({ name, text }: Document): WordStatistics {
  const prose = text
    .replace(/^(```|~~~)[\s\S]*?^\1/gm, ' ')
    .replace(/`[^`\n]*`/g, ' ')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/https?:\/\/\S+/g, ' ')
    .replace(/^\s*\|?[\s:|-]+\|\s*$/gm, ' ');
  const counts = new Map<string, number>();
  let words = 0;
  let syllables = 0;
  for (const [word] of prose.toLowerCase().matchAll(/\p{L}+(?:['’]\p{L}+)*/gu)) {
    words++;
    counts.set(word, (counts.get(word) ?? 0) + 1);
    syllables += Math.max(1, (word.replace(/(?<![^aeiouy]l)e$/, '').match(/[aeiouyäöüáéíóúàèìòùâêîôû]+/g) ?? []).length);
  }
  // A sentence ends with its mark, a heading, item, cell or paragraph with its line.
  const ends = prose.match(/[.!?…]+(?=\s|$)|\S[^\S\n]*\n\s*(?=\n|[#*|>-]|\d+\.)/g) ?? [];
  return { name, words, sentences: words ? Math.max(1, ends.length) : 0, syllables, counts: Object.fromEntries(counts) };
}

/** Flesch's reading ease (1948): 206.835 − 1.015 × words per sentence − 84.6 × syllables per word; higher is easier. Null without words. */
export function readingEase({ words, sentences, syllables }: Pick<WordStatistics, 'words' | 'sentences' | 'syllables'>): number | null {
  return words === 0 ? null : 206.835 - 1.015 * (words / sentences) - 84.6 * (syllables / words);
}

/** The statistics of all documents together. */
export function merge(all: readonly WordStatistics[]): Omit<WordStatistics, 'name'> {
  const counts = new Map<string, number>();
  const total = { words: 0, sentences: 0, syllables: 0 };
  for (const one of all) {
    total.words += one.words;
    total.sentences += one.sentences;
    total.syllables += one.syllables;
    for (const [word, count] of Object.entries(one.counts)) counts.set(word, (counts.get(word) ?? 0) + count);
  }
  return { ...total, counts: Object.fromEntries(counts) };
}
