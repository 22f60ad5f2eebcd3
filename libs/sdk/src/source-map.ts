import type { Place, Places } from './places.js';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

interface SourceMap {
  sources: readonly string[];
  /** Source map revision 3 (ECMA-426): lines by `;`, segments by `,`, each a row of base64 variable-length differences. */
  mappings: string;
}

/** Column of the generated code, file, line, column; all from 0. */
type Segment = readonly [at: number, source: number, line: number, column: number];

/** Five bits a digit, the lowest first; the sixth says that more follow, the lowest of the number is its sign. */
function* numbers(text: string): Generator<number, void, void> {
  let value = 0;
  let shift = 0;
  for (const digit of text) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) * 2 ** shift;
    shift += 5;
    if (bits & 32) continue;
    yield value % 2 ? -Math.floor(value / 2) : value / 2;
    value = shift = 0;
  }
}

function linesOf(mappings: string): Segment[][] {
  let [source, line, column] = [0, 0, 0];
  return mappings.split(';').map((text) => {
    let at = 0;
    const segments: Segment[] = [];
    for (const piece of text === '' ? [] : text.split(',')) {
      const [d_at = 0, d_source, d_line = 0, d_column = 0] = [...numbers(piece)];
      at += d_at;
      if (d_source === undefined) continue;
      source += d_source;
      line += d_line;
      column += d_column;
      segments.push([at, source, line, column]);
    }
    return segments;
  });
}

/** The places of bundled files; `named` turns a source of the map into what the developer calls it. */
export function mappedPlaces(map: SourceMap, named: (source: string) => string): Places {
  const lines = linesOf(map.mappings);
  return {
    at(line: number, column: number): Place | null {
      const segments = lines[line - 1] ?? [];
      const segment = segments.findLast(([at]) => at <= column - 1) ?? segments[0];
      const source = segment && map.sources[segment[1]];
      return !segment || source === undefined ? null : { file: named(source), line: segment[2] + 1, column: segment[3] + 1 };
    },
  };
}
