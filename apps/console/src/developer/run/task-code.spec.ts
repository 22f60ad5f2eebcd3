import { taskCode } from './task-code.js';

test('JavaScript and TypeScript are sent as they are, without types', () => {
  expect(taskCode('export default (n) => n * n;').module).toBe('export default (n) => n * n;');
  expect(taskCode('export default (n: number) => n * n;').module).toBe('export default (n        ) => n * n;');
});

test.each([
  ['const k = 2;\nexport default (n) =>\n  n * k * outside;', 'closure_captured', 3, 11, ['outside']],
  ['export default (n: number) =>\n  fetch(String(n));', 'not_in_task', 2, 3, ['fetch']],
  ['import x from "y";\nexport default () => x;', 'imports_refused', 1, 1, []],
  ['const f = () => 1;', 'no_handler', null, null, []],
  ['export default (n) => {', 'not_javascript', 1, null, []],
])('%j is refused with the place', (source, code, line, column, names) => {
  const { module, fault } = taskCode(source);
  expect(module).toBeNull();
  expect(fault).toMatchObject({ code, line, ...(column !== null && { column }), names });
  expect(fault?.sentence).toMatch(/\.$/);
});
