import { HeapError } from '#units';
import { packageOf } from './platform.js';

interface Problem {
  message?: string;
  code?: string;
  startLine?: number;
  startColumn?: number;
}

/** What to write instead of syntax that makes code and not only types. */
const INSTEAD: readonly (readonly [RegExp, what: string, instead: string])[] = [
  [/enum/, 'an enum', 'a constant object, `const Colour = { Red: 0 } as const`, or a union of strings'],
  [/namespace|module/, 'a namespace with values', 'plain functions and constants, or a file of its own that is imported'],
  [/parameter property/, 'a parameter property', 'a field, and its assignment in the constructor'],
  [/import equals/, '`import x = ...`', '`import x from "..."`'],
  [/export assignment|export =/, '`export =`', '`export default`'],
  [/angle-bracket/, '`<T>value`', '`value as T`'],
];

/**
 * TypeScript without its types and every other character where it was, so that errors keep the developer's lines and columns. Needs Node.js,
 * whose own transformer (amaro) does it.
 * @throws HeapError `not_typescript` for what does not parse, `more_than_types` for enums and the like, with the line and what to write instead.
 */
export async function stripTypes(source: string, file: string): Promise<string> {
  const { transformSync } = await packageOf<typeof import('amaro')>('amaro');
  try {
    return transformSync(source, { mode: 'strip-only' }).code;
  } catch (error) {
    const { message = String(error), code, startLine: line = 1, startColumn = 0 } = error as Problem;
    const place = { file, line, column: startColumn + 1 };
    if (code !== 'UnsupportedSyntax')
      throw new HeapError('not_typescript', `${file}:${line} is not TypeScript: ${message.replace(/\.?\s*$/, '')}.`, 'developer', place);
    const [, what, instead] = INSTEAD.find(([pattern]) => pattern.test(message)) ?? [null, 'syntax', 'plain JavaScript with types'];
    throw new HeapError(
      'more_than_types',
      `${file}:${line} has ${what}, which is more than types and cannot just be taken away: write ${instead}.`,
      'developer',
      place,
    );
  }
}
