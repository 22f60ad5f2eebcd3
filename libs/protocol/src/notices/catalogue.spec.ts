import * as z from 'zod';
import { isNoticeKind, NOTICE_KIND_NAMES, noticeKindOf, noticeText } from './catalogue.js';
import { deviceOf } from './device-of.js';

const UUID = '01890000-0000-7000-8000-000000000000';
/** Parameters that fit a kind: by the shape of each. */
function sample(shape: z.ZodType): unknown {
  if (shape instanceof z.ZodObject)
    return Object.fromEntries(Object.entries(shape.shape).map(([name, of]) => [name, sample(of as z.ZodType)]));
  return ['Something happened.', UUID, '1500000', '/admin/glance', '2026-12-01T00:00:00.000Z', 3, true].find(
    (value) => shape.safeParse(value).success,
  );
}

test.each(NOTICE_KIND_NAMES)('%s says what happened, in whole sentences, and leads somewhere', (name) => {
  const kind = noticeKindOf(name);
  const { title, sentence, link } = noticeText(name, sample(kind.params), 'EUR');
  expect(title).toMatch(/^\S.*\S$/);
  expect(title.length).toBeLessThan(100);
  expect(sentence).toMatch(/[.!]$|happened/);
  expect(`${title} ${sentence}`).not.toMatch(/undefined|null|\[object|NaN/);
  expect(link).toMatch(/^\/(owner|developer|admin|account)\b/);
  if (kind.group === 'security')
    expect([kind.severity, kind.by_default, kind.grouped]).toEqual(['urgent', ['page', 'email', 'push'], false]);
});

test('what is no kind, and parameters that are not its own', () => {
  expect([isNoticeKind('job.done'), isNoticeKind('toString'), isNoticeKind('')]).toEqual([true, false, false]);
  expect(() => noticeText('job.done', {}, 'EUR')).toThrow(z.ZodError);
});

test.each([
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0',
    'Edge on Windows',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
    'Safari on an iPhone or iPad',
  ],
  [
    'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
    'Chrome on Android',
  ],
  ['node', 'a program'],
  ['', 'a program'],
])('%s', (user_agent, name) => {
  expect(deviceOf(user_agent)).toBe(name);
});
