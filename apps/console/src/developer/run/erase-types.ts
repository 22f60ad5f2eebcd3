import { typescriptLanguage } from '@codemirror/lang-javascript';
import { HeapError } from '#units';

/** Nodes that say something to readers and checkers only. */
const ERASED = new Set([
  ...['TypeAnnotation', 'TypeParamList', 'TypeArgList', 'TypePredicate'],
  ...['InterfaceDeclaration', 'TypeAliasDeclaration', 'AmbientDeclaration'],
  ...['Privacy', 'Optional', 'readonly', 'abstract', 'override'],
]);

/** Syntax that makes code: nothing of it can just be taken away. */
const MORE: Readonly<Record<string, readonly [what: string, instead: string]>> = {
  EnumDeclaration: ['an enum', 'a constant object, `const Colour = { Red: 0 }`, or a union of strings'],
  NamespaceDeclaration: ['a namespace', 'plain functions and constants'],
};

type Node = ReturnType<typeof typescriptLanguage.parser.parse>['topNode'];

/** Overloads and abstract methods: a head without a body. */
const isBodyless = (node: Node): boolean =>
  ['FunctionDeclaration', 'MethodDeclaration'].includes(node.name) &&
  node.getChild('ParamList') !== null &&
  node.getChild('Block') === null;

/** `{ type T }` and `type { T }` of imports and exports. */
const isTypeOnly = (node: Node): boolean =>
  ['ImportDeclaration', 'ExportDeclaration'].includes(node.name) && node.getChild('type') !== null;

/** The only types that what is caught may have; the grammar does not know them. */
const CAUGHT = /^(catch\s*\(\s*[\w$]+\s*)(:\s*(?:unknown|any)\s*)\)/;

/** What of a node goes, from and to. */
function* spansOf(node: Node, source: string): Generator<readonly [from: number, to: number]> {
  const [, before = '', caught = ''] = node.name === 'CatchClause' ? (CAUGHT.exec(source.slice(node.from, node.to + 1)) ?? []) : [];
  if (caught !== '') yield [node.from + before.length, node.from + before.length + caught.length];
  if (ERASED.has(node.name) || isBodyless(node) || isTypeOnly(node)) yield [node.from, node.to];
  if (node.name === 'BinaryExpression') {
    const operator = node.getChild('as') ?? node.getChild('satisfies');
    if (operator) yield [operator.from, node.to];
  }
  if (node.name === 'implements') yield [node.from, node.parent?.getChild('ClassBody')?.from ?? node.to];
  if (node.name === 'PostfixExpression' && node.lastChild?.name === 'LogicOp') yield [node.lastChild.from, node.to];
  if (['PropertyDeclaration', 'VariableDeclaration'].includes(node.name))
    for (const mark of node.getChildren('LogicOp')) yield [mark.from, mark.to];
  // A field that is only declared is none.
  if (node.name === 'PropertyDeclaration' && node.getChild('declare')) yield [node.from, node.to];
  if (node.name === 'ParamList' && node.getChild('this')) {
    const self = node.getChild('this');
    const comma = node.getChild(',');
    if (self) yield [self.from, comma?.to ?? self.nextSibling?.to ?? self.to];
  }
}

/**
 * TypeScript without its types. Every character that stays keeps its line and column, so that errors point to what was written.
 * @throws HeapError `more_than_types` with line and column, where types alone would not be taken away.
 */
export function eraseTypes(source: string): string {
  const text = source.split('');
  const refuse = (node: { from: number }, [what, instead]: readonly [string, string]) => {
    const before = source.slice(0, node.from).split('\n');
    const [line, column] = [before.length, (before.at(-1)?.length ?? 0) + 1];
    return new HeapError(
      'more_than_types',
      `Line ${line} has ${what}, which is more than types and cannot just be taken away: write ${instead}.`,
      'developer',
      { line, column },
    );
  };
  typescriptLanguage.parser.parse(source).iterate({
    enter({ node }) {
      const more = MORE[node.name];
      if (more) throw refuse(node, more);
      if (node.name === 'Privacy' && node.parent?.name === 'ParamList')
        throw refuse(node, ['a parameter property', 'a field, and its assignment in the constructor']);
      let whole = false;
      for (const [from, to] of spansOf(node, source)) {
        for (let at = from; at < to; at++) if (text[at] !== '\n' && text[at] !== '\r') text[at] = ' ';
        whole ||= from === node.from && to === node.to;
      }
      return !whole;
    },
  });
  return text.join('');
}
