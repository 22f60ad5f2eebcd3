import {
  type AnyNode,
  type ExportAllDeclaration,
  type ExportNamedDeclaration,
  type Expression,
  type ImportDeclaration,
  type Program,
  parse,
} from 'acorn';
import { simple } from 'acorn-walk';
import { HeapError } from '#units';
import { type Places, placeText, samePlaces } from './places.js';
import { freeVariables, outerThis } from './scope.js';
import { PLATFORM_NAMES, TASK_GLOBALS } from './task-globals.js';

/** esbuild and tsx wrap inner functions in this helper, which stays behind in the file that the function was cut from. */
const NAME_HELPER = '__name';
const NAME_HELPER_SOURCE = 'const __name = (f) => f;\n';

const ADVICE: Readonly<Record<string, string>> = {
  function: 'pass it inside each input, or define it inside the function',
  module: 'pass it inside each input, or define it in the file',
};

function parseModule(source: string, what: string, places: Places): Program {
  try {
    return parse(source, { ecmaVersion: 'latest', sourceType: 'module', locations: true });
  } catch (error) {
    const { message, loc } = error as SyntaxError & { loc?: { line: number; column: number } };
    const place = loc && places.at(loc.line, loc.column + 1);
    const where = place ? ` (${placeText(place)})` : '';
    throw new HeapError(
      'not_javascript',
      `The ${what} is not JavaScript that a task can run: ${message.replace(/ \(\d+:\d+\)$/, '')}${where}.`,
      'developer',
      { ...place },
    );
  }
}

/**
 * Refuses what would fail on every node: names that do not exist there, imports, a missing handler. Says where, in the developer's own places.
 * @throws HeapError `closure_captured`, `not_in_task`, `imports_refused`, `no_handler`, `not_javascript`; `developer` is at fault.
 */
export function checkModule(source: string, what: string = 'module', places: Places = samePlaces(null)): void {
  const program = parseModule(source, what, places);
  const where = ({ line, column }: Spot) => placeText(places.at(line, column) ?? { file: null, line, column });
  refuseImports(program, what, where);
  refuseNoHandler(program, what, where);

  const free = freeVariables(program).filter((v) => !TASK_GLOBALS.has(v.name));
  const absent = free.filter((v) => PLATFORM_NAMES.has(v.name));
  const captured = free.filter((v) => !PLATFORM_NAMES.has(v.name));
  const refuse = (code: string, names: readonly (Spot & { name: string })[], sentence: (list: string) => string) => {
    const [first] = names;
    if (!first) return;
    const list = names.map((v) => `"${v.name}" (${where(v)})`).join(', ');
    const place = places.at(first.line, first.column) ?? { line: first.line };
    throw new HeapError(code, `The ${what} uses ${sentence(list)}`, 'developer', { names: names.map((v) => v.name), ...place });
  };
  const elsewhere = (list: string) =>
    `${list}, defined outside it. It runs on another machine, where that does not exist: ${ADVICE[what] ?? ADVICE.module}.`;
  refuse('closure_captured', captured, elsewhere);
  refuse(
    'not_in_task',
    absent,
    (list) => `${list}, which tasks do not have: they see no files, no network and no process, only their input.`,
  );
  const outer = outerThis(program);
  if (outer)
    refuse('closure_captured', [{ name: 'this', ...outer }], (list) =>
      elsewhere(`the ${list} around it`).replace(', defined outside it', ''),
    );
}

interface Spot {
  line: number;
  column: number;
}
type Where = (spot: Spot) => string;

const spotOf = (node: AnyNode): Spot => ({ line: node.loc?.start.line ?? 1, column: (node.loc?.start.column ?? 0) + 1 });

const isDefault = (node: AnyNode): boolean =>
  node.type === 'ExportDefaultDeclaration' ||
  (node.type === 'ExportNamedDeclaration' &&
    node.specifiers.some(({ exported }) => (exported.type === 'Identifier' ? exported.name : exported.value) === 'default'));

function refuseNoHandler(program: Program, what: string, where: Where): void {
  const found = program.body.find(isDefault);
  const write = 'write `export default (input) => ...`';
  if (!found) throw new HeapError('no_handler', `The ${what} has no default export: ${write}.`, 'developer');
  if (found.type !== 'ExportDefaultDeclaration') return;
  const { type } = found.declaration;
  const generator = 'generator' in found.declaration && found.declaration.generator;
  const kind = generator ? 'a generator' : NO_FUNCTION.find(([pattern]) => pattern.test(type))?.[1];
  if (kind)
    throw new HeapError(
      'no_handler',
      `The ${what} exports ${kind} where a function belongs (${where(spotOf(found))}): ${write}.`,
      'developer',
      {
        ...spotOf(found),
      },
    );
}

const NO_FUNCTION = [
  [/^Class/, 'a class'],
  [/^(Literal|TemplateLiteral)$/, 'a constant'],
  [/^ObjectExpression$/, 'an object'],
  [/^ArrayExpression$/, 'an array'],
] as const;

/** Every module that a program imports, with `import(...)` of something that is no constant as null. */
function imports(program: Program): { from: string | null; node: AnyNode }[] {
  const found: { from: string | null; node: AnyNode }[] = [];
  const named = (node: ImportDeclaration | ExportNamedDeclaration | ExportAllDeclaration) => {
    if (node.source) found.push({ from: String(node.source.value), node });
  };
  simple(program, {
    ImportDeclaration: named,
    ExportNamedDeclaration: named,
    ExportAllDeclaration: named,
    ImportExpression: (node) => void found.push({ from: node.source.type === 'Literal' ? String(node.source.value) : null, node }),
  });
  return found;
}

/** How much there is to bundle. @throws HeapError `not_javascript`. */
export function importsOf(source: string, file: string): { count: number } {
  return { count: imports(parseModule(source, 'module', samePlaces(file))).length };
}

function refuseImports(program: Program, what: string, where: Where): void {
  const [first] = imports(program);
  if (!first) return;
  const from = first.from === null ? 'a module as it runs' : `"${first.from}"`;
  throw new HeapError(
    'imports_refused',
    `The ${what} imports ${from} (${where(spotOf(first.node))}), but a task is a single file: give the file itself, as { file }, and it is bundled, or bundle it first, for example with \`npx esbuild --bundle --format=esm\`.`,
    'developer',
    { ...spotOf(first.node) },
  );
}

const EXPORT = 'export default ';
/** Lines of a function are counted from its own first. */
export const FUNCTION_PLACES: Places = samePlaces(null, EXPORT.length);

function functionOf(source: string): Expression | null {
  try {
    const program = parse(`(${source}\n)`, { ecmaVersion: 'latest', sourceType: 'module' });
    const [only] = program.body;
    return program.body.length === 1 && only?.type === 'ExpressionStatement' ? only.expression : null;
  } catch {
    return null;
  }
}

/**
 * The module that a function's source makes: `export default <source>`.
 * @throws HeapError `not_a_plain_function` for native and bound functions, methods, classes and generators, and whatever `checkModule` throws.
 */
export function moduleOf(fn: (...args: never[]) => unknown): string {
  const source = Function.prototype.toString.call(fn);
  const refuse = (kind: string) =>
    new HeapError(
      'not_a_plain_function',
      `A ${kind} cannot be sent to a node: write a plain function, for example (input) => ...`,
      'developer',
    );
  if (/\{\s*\[native code\]\s*\}\s*$/.test(source)) throw refuse('native or bound function');
  const node = functionOf(source);
  if (node?.type === 'ClassExpression') throw refuse('class');
  if (node?.type !== 'ArrowFunctionExpression' && node?.type !== 'FunctionExpression') throw refuse('method');
  if (node.type === 'FunctionExpression' && node.generator) throw refuse('generator function');

  const module = `${EXPORT}${source};\n`;
  const helped = freeVariables(parseModule(module, 'function', FUNCTION_PLACES)).some((v) => v.name === NAME_HELPER);
  // The helper goes last: line numbers in errors stay those of the function.
  const whole = helped ? `${module}${NAME_HELPER_SOURCE.replace('const', 'var')}` : module;
  checkModule(whole, 'function', FUNCTION_PLACES);
  return whole;
}
