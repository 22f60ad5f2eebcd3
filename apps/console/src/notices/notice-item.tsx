import { Text, VisuallyHidden } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import { NOTICES } from '../text/notices.en.js';
import { When } from '../ui-kit/when.js';
import css from './notice-item.module.css';
import type { Notice } from './use-notices.js';

/** One notice; it leads to what it is about. */
export function NoticeItem({ notice: { title, sentence, link, created_at, read_at }, follow }: { notice: Notice; follow: () => void }) {
  const router = useRouter();
  return (
    <li className={css.item}>
      <a
        className={read_at === null ? `${css.link} ${css.unread}` : css.link}
        href={link}
        onClick={(event) => {
          follow();
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          router.history.push(link);
        }}
      >
        <Text component="span" display="block" fw={read_at === null ? 650 : 400}>
          {read_at === null && <VisuallyHidden>{NOTICES.bell.unread}: </VisuallyHidden>}
          {title}
        </Text>
        <Text component="span" display="block" size="sm" c="dimmed">
          {sentence}
        </Text>
        <Text component="span" display="block" size="sm" c="dimmed">
          <When at={created_at} />
        </Text>
      </a>
    </li>
  );
}
