import { type Expression, type Program, parse } from 'acorn';
import { ancestor } from 'acorn-walk';
import { HeapError } from '#units';
import { freeVariables, usesOuterThis } from './scope.js';
import { PLATFORM_NAMES, TASK_GLOBALS } from './task-globals.js';

/** esbuild and tsx wrap inner functions in this helper, which stays behind in the file that the function was cut from. */
const NAME_HELPER = '__name';
const NAME_HELPER_SOURCE = 'const __name = (f) => f;\n';

const ADVICE = 'pass it inside each input, or define it inside the function';

function parseModule(source: string, what: string): Program {
  try {
    return parse(source, { ecmaVersion: 'latest', sourceType: 'module', locations: true });
  } catch (error) {
    throw new HeapError('not_javascript', `The ${what} is not JavaScript that a task can run: ${(error as Error).message}.`, 'developer');
  }
}

/**
 * Refuses what would fail on every node: names that do not exist there, imports, a missing handler.
 * @throws HeapError `closure_captured`, `not_in_task`, `imports_refused`, `no_handler`, `not_javascript`; `developer` is at fault.
 */
export function checkModule(source: string, what: string = 'module'): void {
  const program = parseModule(source, what);
  refuseImports(program, what);
  if (
    !program.body.some(
      (s) =>
        s.type === 'ExportDefaultDeclaration' || (s.type === 'ExportNamedDeclaration' && /\bdefault\b/.test(source.slice(s.start, s.end))),
    )
  )
    throw new HeapError('no_handler', `The ${what} has no default export: write \`export default (input) => ...\`.`, 'developer');

  const free = freeVariables(program).filter((v) => !TASK_GLOBALS.has(v.name));
  const absent = free.filter((v) => PLATFORM_NAMES.has(v.name));
  const captured = free.filter((v) => !PLATFORM_NAMES.has(v.name));
  const list = (names: readonly { name: string; line: number }[]) => names.map((v) => `"${v.name}" (line ${v.line})`).join(', ');
  if (captured.length)
    throw new HeapError(
      'closure_captured',
      `The ${what} uses ${list(captured)}, defined outside it. It runs on another machine, where that does not exist: ${ADVICE}.`,
      'developer',
      { names: captured.map((v) => v.name) },
    );
  if (absent.length)
    throw new HeapError(
      'not_in_task',
      `The ${what} uses ${list(absent)}, which tasks do not have: they see no files, no network and no process, only their input.`,
      'developer',
      { names: absent.map((v) => v.name) },
    );
  if (usesOuterThis(program))
    throw new HeapError(
      'closure_captured',
      `The ${what} uses the "this" around it, which does not exist on another machine: ${ADVICE}.`,
      'developer',
      {
        names: ['this'],
      },
    );
}

function refuseImports(program: Program, what: string): void {
  const refuse = (from: string) => {
    throw new HeapError(
      'imports_refused',
      `The ${what} imports ${from}, but a task is a single file: bundle it first, for example with \`npx esbuild --bundle --format=esm\`.`,
      'developer',
    );
  };
  for (const statement of program.body)
    if (
      (statement.type === 'ImportDeclaration' ||
        statement.type === 'ExportNamedDeclaration' ||
        statement.type === 'ExportAllDeclaration') &&
      statement.source
    )
      refuse(`"${String(statement.source.value)}"`);
  ancestor(program, { ImportExpression: () => refuse('a module as it runs') });
}

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

  const module = `export default ${source};\n`;
  const helped = freeVariables(parseModule(module, 'function')).some((v) => v.name === NAME_HELPER);
  // The helper goes last: line numbers in errors stay those of the function.
  const whole = helped ? `${module}${NAME_HELPER_SOURCE.replace('const', 'var')}` : module;
  checkModule(whole, 'function');
  return whole;
}
