import { notifications } from '@mantine/notifications';
import { useEffect, useRef } from 'react';
import { NOTICES } from '../text/notices.en.js';
import css from './notice-item.module.css';
import type { Notice } from './use-notices.js';

const COLORS = { urgent: 'red', warning: 'yellow', good: 'green', info: 'blue' } as const;

/** Shows what is new and matters while the page is open; what was there when it opened is in the list. */
export function useToasts(notices: readonly Notice[] | undefined): void {
  const newest = useRef<string | null>(null);
  useEffect(() => {
    if (notices === undefined) return;
    const seen = newest.current;
    newest.current = notices[0]?.notice_id ?? '';
    if (seen === null) return;
    // Ids grow with time.
    for (const { notice_id, severity, title, sentence, read_at } of notices)
      if (notice_id > seen && severity !== 'info' && read_at === null)
        notifications.show({
          id: notice_id,
          title,
          message: sentence,
          color: COLORS[severity],
          autoClose: severity === 'urgent' ? false : 8_000,
          closeButtonProps: { 'aria-label': NOTICES.bell.close },
          classNames: { description: css.toast ?? '' },
        });
  }, [notices]);
}
