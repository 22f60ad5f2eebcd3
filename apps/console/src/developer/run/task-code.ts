import { checkWork } from '#sdk';
import { HeapError } from '#units';
import { eraseTypes } from './erase-types.js';

/** What is wrong with a task's code and where; line and column from 1, null where the whole is meant. */
export interface CodeFault {
  code: string;
  sentence: string;
  /** The names that it is about. */
  names: readonly string[];
  line: number | null;
  column: number | null;
}

export type TaskCode = { module: string; fault: null } | { module: null; fault: CodeFault };

const integer = (value: unknown): number | null => (typeof value === 'number' ? value : null);

function faultOf(error: unknown): CodeFault {
  if (!(error instanceof HeapError)) throw error;
  const { line, column, names } = error.details;
  return {
    code: error.code,
    sentence: error.message,
    names: Array.isArray(names) ? names.map(String) : [],
    line: integer(line),
    column: integer(column),
  };
}

const taken = (module: string): string => {
  checkWork({ module });
  return module;
};

/** The JavaScript that is sent for what stands in the editor, which may have types; or why no device could run it, as the SDK says it. */
export function taskCode(source: string): TaskCode {
  try {
    return { module: taken(source), fault: null };
  } catch (error) {
    if (!(error instanceof HeapError) || error.code !== 'not_javascript') return { module: null, fault: faultOf(error) };
  }
  try {
    return { module: taken(eraseTypes(source)), fault: null };
  } catch (error) {
    return { module: null, fault: faultOf(error) };
  }
}
