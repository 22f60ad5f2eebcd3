import { RUN } from '../../text/run.en.js';
import type { Result } from './use-results.js';

/** A result as one reads it: JSON, or bytes in hexadecimal. */
export function valueText(result: Result): string {
  if (result.error !== null) return result.error.message;
  const { value } = result;
  if (value === undefined) return RUN.results.no_value;
  if (value instanceof Uint8Array) return Array.from(value.subarray(0, 256), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return JSON.stringify(value);
}

/** All results in the order of their tasks, a line of JSON each. */
export const resultLines = (results: readonly Result[]): string =>
  [...results]
    .sort((a, b) => a.index - b.index)
    .map(({ index, value, error }) =>
      JSON.stringify(error === null ? { index, value: value instanceof Uint8Array ? [...value] : value } : { index, error: error.message }),
    )
    .join('\n');
