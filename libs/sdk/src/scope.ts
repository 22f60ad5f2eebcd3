import type { AnyNode, Identifier, Pattern, Program } from 'acorn';
import { type AncestorVisitors, ancestor } from 'acorn-walk';

export interface FreeVariable {
  name: string;
  /** From 1. */
  line: number;
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
  const whole = (around: AnyNode[]) => around.findLast((n) => isFunction(n) || n.type === 'Program' || n.type === 'StaticBlock');
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

/** Names that a program reads or writes and does not declare, each once, in order; `typeof name` alone is a question, not a use. */
export function freeVariables(program: Program): FreeVariable[] {
  const scopes = declarations(program);
  const free = new Map<string, FreeVariable>();
  const use = (node: { name: string; loc?: { start: { line: number } } | null }, path: AnyNode[]) => {
    if (free.has(node.name) || path.some((scope) => scopes.get(scope)?.has(node.name))) return;
    free.set(node.name, { name: node.name, line: node.loc?.start.line ?? 1 });
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

/** Does an arrow function use the `this` that surrounds the program? */
export function usesOuterThis(program: Program): boolean {
  let found = false;
  ancestor(program, {
    ThisExpression(_node, _, path) {
      found ||= !path.some(
        (n) => (isFunction(n) && n.type !== 'ArrowFunctionExpression') || /^(PropertyDefinition|StaticBlock)$/.test(n.type),
      );
    },
  });
  return found;
}
