import { NOTICE_GROUPS, type NoticeGroup, type NoticeText } from '#protocol';
import type { Mail } from '../platform/mail/mailer.js';

interface Letter {
  to: string;
  message_id: string;
  heap: string;
  /** Of the heap, without a slash at the end. */
  origin: string;
  group: NoticeGroup;
  notices: readonly NoticeText[];
  /** Null where mails of the group cannot be switched off. */
  unsubscribe_token: string | null;
}

/** One notice, or several of a group, as a mail. */
export function letter({ to, message_id, heap, origin, group, notices, unsubscribe_token }: Letter): Mail {
  const first = notices[0]?.title ?? '';
  const subject = notices.length === 1 ? first : `${first}, and ${notices.length - 1} more`;
  const choose = `${origin}/account/notifications`;
  const end = unsubscribe_token === null ? null : `${origin}/unsubscribe?token=${unsubscribe_token}`;
  const why = `You get this because you have an account at ${heap}. Choose what is mailed to you: ${choose}`;
  const stop =
    end === null ? 'What concerns the security of your account is always mailed.' : `No more about "${NOTICE_GROUPS[group].title}": ${end}`;
  const text = [...notices.map(({ title, sentence, link }) => `${title}\n${sentence}\n${origin}${link}`), '--', why, stop].join('\n\n');
  const items = notices.map(
    ({ title, sentence, link }) =>
      `<h2>${escaped(title)}</h2><p>${escaped(sentence)}</p><p><a href="${escaped(origin + link)}">Open</a></p>`,
  );
  const foot = end === null ? escaped(stop) : `<a href="${escaped(end)}">No more about ${escaped(NOTICE_GROUPS[group].title)}</a>`;
  const html = `<!doctype html><html lang="en"><body>${items.join('')}<hr><p>${escaped(why.slice(0, -choose.length))}<a href="${escaped(choose)}">${escaped(choose)}</a></p><p>${foot}</p></body></html>`;
  return {
    to,
    subject,
    text,
    html,
    message_id,
    headers: {
      'Auto-Submitted': 'auto-generated',
      ...(unsubscribe_token !== null && {
        'List-Unsubscribe': `<${origin}/v1/notices/unsubscribe?token=${unsubscribe_token}>`,
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      }),
    },
  };
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
