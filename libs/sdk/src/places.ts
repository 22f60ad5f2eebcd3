/** Where something stands in a file of the developer's; line and column from 1. */
export interface Place {
  /** As the developer would say it, relative to where they are; null for source that has no file. */
  file: string | null;
  line: number;
  column: number;
}

/** Tells places in the source that was sent from places in what the developer wrote. */
export interface Places {
  /** Null for what the developer did not write, for example the glue between bundled files. */
  at(line: number, column: number): Place | null;
}

/** Source whose characters are where they were, from the column `shift` of the first line on. */
export const samePlaces = (file: string | null, shift: number = 0): Places => ({
  at: (line, column) => ({ file, line, column: line === 1 ? Math.max(1, column - shift) : column }),
});

/** `task.ts:3` or `line 3`. */
export const placeText = ({ file, line }: Place): string => (file === null ? `line ${line}` : `${file}:${line}`);

/** What nodes call the module in errors and stack traces. */
const SENT = /\btask\.js:(\d+)(?::(\d+))?/g;

/** An error's text with the developer's places instead of those in the source that was sent. */
export function inOwnPlaces(text: string, places: Places | undefined): string {
  if (!places) return text;
  return text.replace(SENT, (whole, line: string, column?: string) => {
    const place = places.at(Number(line), Number(column ?? 1));
    if (!place) return whole;
    return `${place.file ?? 'line '}${place.file === null ? '' : ':'}${place.line}${column === undefined ? '' : `:${place.column}`}`;
  });
}

/** The same for logs, where only lines of stack traces are ours to change. */
export const logsInOwnPlaces = (logs: string, places: Places | undefined): string =>
  places ? logs.replace(/^ {4}at .*$/gm, (line) => inOwnPlaces(line, places)) : logs;
