// Word statistics over your own files: one task per file, a plain JavaScript function sent as it is.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Heap, HeapError, type Micro } from '#sdk';
import { isMain, root } from '../support.js';
import { analyse, merge, readingEase, type WordStatistics } from './analyse.js';

const NOT_OURS = new Set(['node_modules', 'dist', 'coverage']);
/** Say little about a text. */
const COMMON = new Set(
  'the a an and or of to in on at by for from with as is are was be it its that this these not no one each than then so if but into'.split(
    ' ',
  ),
);
const TOP = 15;

/** The project's own documents. */
export async function ownDocuments(folder: string = root): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.') || NOT_OURS.has(entry.name)) continue;
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await ownDocuments(file)));
    else if (entry.name.endsWith('.md')) found.push(file);
  }
  return found.sort();
}

export interface WordReport {
  job_id: string;
  documents: WordStatistics[];
  cost: Micro;
  fuel_used: number;
}

/** Reads files one by one while the first are analysed already. */
async function* documents(files: readonly string[]) {
  for (const file of files) yield { name: path.relative(process.cwd(), file), text: await readFile(file, 'utf8') };
}

/** One task per file. */
export async function analyseFiles(heap: Heap, files: readonly string[]): Promise<WordReport> {
  if (files.length === 0) throw new HeapError('no_files', 'There are no files to read: name some.', 'user');
  const run = heap.map(analyse, documents(files), { name: 'words', orderedResults: true });
  const report = { documents: [] as WordStatistics[], cost: 0n, fuel_used: 0 };
  for await (const { value, cost, fuel_used } of run) {
    report.documents.push(value);
    report.cost += cost;
    report.fuel_used += fuel_used;
  }
  return { job_id: (await run.job).id, ...report };
}

/** The report as text: a line per file, the whole, and the words that occur most. */
export function reportText({ documents }: Pick<WordReport, 'documents'>): string {
  const whole = { name: 'all', ...merge(documents) };
  const width = Math.max(...documents.map((one) => one.name.length), 4);
  const row = (name: string, ...cells: string[]) => [name.padEnd(width), ...cells.map((cell) => cell.padStart(12))].join('');
  const line = (one: WordStatistics) => row(one.name, String(one.words), String(one.sentences), readingEase(one)?.toFixed(1) ?? '-');
  const top = Object.entries(whole.counts)
    .filter(([word]) => word.length > 1 && !COMMON.has(word))
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .slice(0, TOP);
  return [
    row('file', 'words', 'sentences', 'ease'),
    ...documents.map(line),
    line(whole),
    '',
    `Most used of ${Object.keys(whole.counts).length} words: ${top.map(([word, n]) => `${word} ${n}`).join(', ')}`,
  ].join('\n');
}

if (isMain(import.meta.url)) {
  const named = process.argv.slice(2);
  const report = await analyseFiles(new Heap(), named.length ? named : await ownDocuments());
  console.log(reportText(report));
  console.error(`${report.documents.length} files for ${report.cost} micro-units, job ${report.job_id}`);
}
