import type { AnyNode, Identifier, Pattern, Program } from 'acorn';
import { type AncestorVisitors, ancestor, simple } from 'acorn-walk';

export interface FreeVariable {
  name: string;
  /** From 1. */
  line: number;
  column: number;
}

const BLOCKS = new Set<AnyNode['type']>([
  'Program',
  'BlockStatement',
  'StaticBlock',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'SwitchStatement',
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
]);
const isFunction = (node: AnyNode) => /Function/.test(node.type);

function* bound(pattern: Pattern | null | undefined): Generator<string> {
  if (pattern?.type === 'Identifier') yield pattern.name;
  else if (pattern?.type === 'ObjectPattern')
    for (const p of pattern.properties) yield* bound(p.type === 'RestElement' ? p.argument : p.value);
  else if (pattern?.type === 'ArrayPattern') for (const p of pattern.elements) yield* bound(p);
  else if (pattern?.type === 'AssignmentPattern') yield* bound(pattern.left);
  else if (pattern?.type === 'RestElement') yield* bound(pattern.argument);
}

/** Which names each scope declares. */
function declarations(program: Program): Map<AnyNode, Set<string>> {
  const scopes = new Map<AnyNode, Set<string>>();
  const declare = (scope: AnyNode | undefined, names: Iterable<string>) => {
    if (!scope) return;
    const known = scopes.get(scope) ?? new Set();
    for (const name of names) known.add(name);
    scopes.set(scope, known);
  };
  const block = (around: AnyNode[]) => around.findLast((n) => BLOCKS.has(n.type));
  const whole = (around: AnyNode[]) => {
    const scope = around.findLast((n) => isFunction(n) || n.type === 'Program' || n.type === 'StaticBlock');
    // Default values of parameters do not see what the body declares.
    return scope && isFunction(scope) && 'body' in scope && !Array.isArray(scope.body) ? (scope.body as AnyNode) : scope;
  };
  const enter = (node: AnyNode, params: Pattern[], ...own: (string | Pattern | null)[]) =>
    declare(
      node,
      [...params, ...own].flatMap((p) => (typeof p === 'string' ? p : [...bound(p)])),
    );

  ancestor(program, {
    VariableDeclaration(node, _, path) {
      const scope = (node.kind === 'var' ? whole : block)(path.slice(0, -1));
      declare(
        scope,
        node.declarations.flatMap((d) => [...bound(d.id)]),
      );
    },
    FunctionDeclaration(node, _, path) {
      declare(block(path.slice(0, -1)), bound(node.id));
      enter(node, node.params, 'arguments');
    },
    FunctionExpression(node) {
      enter(node, node.params, 'arguments', node.id ?? null);
    },
    ArrowFunctionExpression(node) {
      enter(node, node.params);
    },
    ClassDeclaration(node, _, path) {
      declare(block(path.slice(0, -1)), bound(node.id));
    },
    ClassExpression(node) {
      declare(node, bound(node.id));
    },
    CatchClause(node) {
      declare(node, bound(node.param));
    },
    ImportDeclaration(node) {
      declare(
        program,
        node.specifiers.map((s) => s.local.name),
      );
    },
  });
  return scopes;
}

/** Names that a condition asks about with `typeof`. */
function askedIn(condition: AnyNode): Set<string> {
  const names = new Set<string>();
  simple(condition, {
    UnaryExpression({ operator, argument }) {
      if (operator === 'typeof' && argument.type === 'Identifier') names.add(argument.name);
    },
  });
  return names;
}

const leaves = (statement: AnyNode): boolean =>
  statement.type === 'ReturnStatement' ||
  statement.type === 'ThrowStatement' ||
  (statement.type === 'BlockStatement' && statement.body.some(leaves));

/** Is `name` only reached where a `typeof name` has been asked: in a branch of that question, or behind one that leaves? */
function guarded(name: string, path: readonly AnyNode[]): boolean {
  return path.some((node, i) => {
    const next = path[i + 1];
    if (node.type === 'LogicalExpression') return next === node.right && askedIn(node.left).has(name);
    if (node.type === 'IfStatement' || node.type === 'ConditionalExpression') return next !== node.test && askedIn(node.test).has(name);
    if (node.type !== 'BlockStatement' && node.type !== 'Program') return false;
    const before = node.body.slice(0, node.body.indexOf(next as never));
    return before.some((s) => s.type === 'IfStatement' && leaves(s.consequent) && askedIn(s.test).has(name));
  });
}

/**
 * Names that a program reads or writes and does not declare, each once, in order; asking `typeof name` is no use of it, nor is what
 * happens only after that question.
 */
export function freeVariables(program: Program): FreeVariable[] {
  const scopes = declarations(program);
  const free = new Map<string, FreeVariable>();
  const use = (node: Identifier, path: AnyNode[]) => {
    const { name, loc } = node;
    if (free.has(name) || path.some((scope) => scopes.get(scope)?.has(name)) || guarded(name, path)) return;
    free.set(name, { name, line: loc?.start.line ?? 1, column: (loc?.start.column ?? 0) + 1 });
  };
  // acorn-walk calls names that are declared or assigned VariablePattern; its types do not list that one.
  const visitors: AncestorVisitors<unknown> & { VariablePattern(node: Identifier, state: unknown, path: AnyNode[]): void } = {
    Identifier(node, _, path) {
      const parent = path.at(-2);
      if (parent?.type === 'UnaryExpression' && parent.operator === 'typeof') return;
      use(node, path);
    },
    VariablePattern(node, _, path) {
      use(node, path);
    },
  };
  ancestor(program, visitors);
  return [...free.values()];
}

/** Where an arrow function or the top level uses the `this` that surrounds the program; null where none does. */
export function outerThis(program: Program): { line: number; column: number } | null {
  let found: { line: number; column: number } | null = null;
  ancestor(program, {
    ThisExpression(node, _, path) {
      const own = path.some(
        (n) => (isFunction(n) && n.type !== 'ArrowFunctionExpression') || /^(PropertyDefinition|StaticBlock)$/.test(n.type),
      );
      if (!own) found ??= { line: node.loc?.start.line ?? 1, column: (node.loc?.start.column ?? 0) + 1 };
    },
  });
  return found;
}
