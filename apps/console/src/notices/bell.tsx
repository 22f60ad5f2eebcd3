import { Anchor, Button, Group, Indicator, Popover, ScrollArea, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useHeapDeed } from '../http/use-heap.js';
import { NOTICES } from '../text/notices.en.js';
import { BellButton } from './bell-button.js';
import { NoticeItem } from './notice-item.js';
import { useNotices } from './use-notices.js';
import { useToasts } from './use-toasts.js';

const PAGE = 20;
const MOST = 100;

/** The number of unread notices, and behind it what they say. */
export default function Bell({ opened }: { opened: boolean }) {
  const [open, { toggle, close }] = useDisclosure(opened);
  const [limit, setLimit] = useState(PAGE);
  const { data } = useNotices(limit);
  const read = useHeapDeed('post', '/v1/notices/read', { stale: ['/v1/notices'] });
  useToasts(data?.notices);
  const unread = data?.unread ?? 0;
  const newest = data?.notices[0]?.notice_id;
  const text = NOTICES.bell;
  return (
    <Popover opened={open} onChange={toggle} position="bottom-end" width={380} trapFocus withinPortal>
      <Indicator label={unread > 99 ? '99+' : unread} size={18} disabled={unread === 0} offset={8} color="red.9">
        <Popover.Target>
          <BellButton label={text.label(unread)} onClick={toggle} />
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown maw="calc(100vw - 16px)" aria-label={text.title}>
        <Stack gap="sm">
          <Group justify="space-between" wrap="nowrap">
            <Title order={2} size="h5">
              {text.title}
            </Title>
            {unread > 0 && newest !== undefined && (
              <Button variant="subtle" size="sm" loading={read.isPending} onClick={() => read.mutate({ body: { up_to: newest } })}>
                {text.read_all}
              </Button>
            )}
          </Group>
          {data?.notices.length === 0 && <Text c="dimmed">{text.none}</Text>}
          <ScrollArea.Autosize mah="60vh" type="auto">
            <Stack gap={4} component="ul" p={0} m={0}>
              {data?.notices.map((notice) => (
                <NoticeItem
                  key={notice.notice_id}
                  notice={notice}
                  follow={() => {
                    close();
                    if (notice.read_at === null) read.mutate({ body: { notice_ids: [notice.notice_id] } });
                  }}
                />
              ))}
            </Stack>
            {data?.next && limit < MOST && (
              <Button variant="subtle" size="sm" fullWidth onClick={() => setLimit(Math.min(MOST, limit + 40))}>
                {text.more}
              </Button>
            )}
          </ScrollArea.Autosize>
          <Anchor component={Link} to="/account/notifications" onClick={close}>
            {text.choose}
          </Anchor>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
