import { stripTypes } from './strip-types.js';
import { runJs, thrownBy } from './testing/support.js';

const js = (source: string) => new TextDecoder().decode(stripTypes(source));

describe('stripTypes', () => {
  test('leaves a module that runs', () => {
    const source = 'interface In { n: number }\nexport default ({ n }: In): number => (n as number) * 2;';
    expect(runJs(js(source), { n: 4 }).text).toBe('8');
  });

  test('keeps lines and columns', () => {
    const source = 'type X = {\n  a?: { b: string };\n};\nexport default (x: X): string => {\n  return (x.a as any).b;\n};';
    expect(js(source).split('\n')).toHaveLength(6);
    expect(runJs(js(source), {}).detail).toMatch(/\(task\.js:5:\d+\)$/);
  });

  test('says the line of what it cannot take away', () => {
    expect(thrownBy(() => stripTypes('const a = 1;\nenum Colour { Red }'))).toMatchObject({ code: 'module_refused', details: { line: 2 } });
    expect(thrownBy(() => stripTypes('const a: = 1;'))).toMatchObject({ code: 'module_refused', details: { line: 1 } });
  });
});
