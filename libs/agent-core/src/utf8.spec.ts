import fc from 'fast-check';
import { utf8Bytes } from './utf8.js';

test('counts as an encoder does, also what is no proper text', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\ud800', '\udc00', '\ud83d', 'a'))), (parts) => {
      const text = parts.join('');
      expect(utf8Bytes(text)).toBe(Buffer.byteLength(text));
    }),
  );
});
