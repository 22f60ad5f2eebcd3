import { Stack } from '@mantine/core';
import { useHeap } from '../../http/use-heap.js';
import { NOTICES } from '../../text/notices.en.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Page } from '../../ui-kit/page.js';
import { EmailCard } from './email-card.js';
import { Matrix } from './matrix.js';
import { PushCard } from './push-card.js';
import { QuietHours } from './quiet-hours.js';

/** What reaches a person how. */
export function NotificationsPage() {
  const choices = useHeap('/v1/notices/choices', {}, { topics: ['notices'] });
  return (
    <Page title={NOTICES.page.title} lead={NOTICES.page.lead}>
      <Loaded query={choices}>
        {(data) => (
          <Stack gap="xl" maw={760}>
            <Matrix choices={data} />
            <EmailCard email={data.email} />
            <PushCard push={data.push} />
            <QuietHours quiet={data.quiet_hours} />
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}
