import { RUN } from '../../text/run.en.js';
import type { Result } from './use-results.js';

/** A result as one reads it: JSON, or bytes in hexadecimal. */
export function valueText(result: Result): string {
  if (result.error !== null) return result.error.message;
  const { value } = result;
  if (value === undefined) return RUN.results.no_value;
  if (value instanceof Uint8Array) return hexadecimal(value);
  return JSON.stringify(value);
}

/** The output of a device as text, where it is that; otherwise in hexadecimal. */
export function reportedText({ output }: Pick<Result, 'output'>): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(output);
  } catch {
    return hexadecimal(output);
  }
}

const hexadecimal = (bytes: Uint8Array): string =>
  Array.from(bytes.subarray(0, 256), (byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** All results in the order of their tasks, a line of JSON each. */
export const resultLines = (results: readonly Result[]): string =>
  [...results]
    .sort((a, b) => a.index - b.index)
    .map(({ index, value, error }) =>
      JSON.stringify(error === null ? { index, value: value instanceof Uint8Array ? [...value] : value } : { index, error: error.message }),
    )
    .join('\n');
