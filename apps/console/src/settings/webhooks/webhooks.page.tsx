import { Anchor, Stack } from '@mantine/core';
import { useState } from 'react';
import { useHeap } from '../../http/use-heap.js';
import { NOTICES } from '../../text/notices.en.js';
import { Empty } from '../../ui-kit/empty.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Page } from '../../ui-kit/page.js';
import { CreateWebhook } from './create-webhook.js';
import { Secret } from './secret.js';
import { WebhookCard } from './webhook-card.js';

/** A person's webhooks: made, tried, renewed, and what was sent to them. */
export function WebhooksPage() {
  const webhooks = useHeap('/v1/notices/webhooks', {}, { topics: ['notices'] });
  const [secret, setSecret] = useState<string | null>(null);
  const text = NOTICES.webhooks;
  const guide = (
    <Anchor href="/docs/guides/notices" mih={44}>
      {text.guide}
    </Anchor>
  );
  return (
    <Page title={text.title} lead={text.lead} deeds={guide}>
      {secret !== null && <Secret secret={secret} done={() => setSecret(null)} />}
      <Loaded query={webhooks}>
        {(data) => (
          <Stack gap="xl" maw={860}>
            {data.webhooks.length === 0 && <Empty {...text.none} />}
            {data.webhooks.map((webhook) => (
              <WebhookCard key={webhook.webhook_id} webhook={webhook} renewed={setSecret} />
            ))}
            <CreateWebhook made={setSecret} />
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}
