import { Anchor, Grid, Group, Stack, Text } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useHeap } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Page } from '../../ui-kit/page.js';
import { Reason } from '../../ui-kit/reason.js';
import { Presence } from '../presence.js';
import { FeelsCard } from './feels-card.js';
import { HoldCard } from './hold-card.js';
import { NameCard } from './name-card.js';
import { NowCard } from './now-card.js';
import { PriceCard } from './price-card.js';
import { RulesCard } from './rules-card.js';
import { StorageCard } from './storage-card.js';
import { TrustCard } from './trust-card.js';
import { YieldsCard } from './yields-card.js';

const route = getRouteApi('/owner/devices/$id');

/** Everything of one device. */
export function DevicePage() {
  const { id } = route.useParams();
  const init = { params: { path: { node_id: id } } };
  const topics = [`node:${id}`];
  const query = useHeap('/v1/nodes/{node_id}', init, { topics });
  const rules = useHeap('/v1/nodes/{node_id}/rules', init, { topics });
  return (
    <Loaded query={query}>
      {(node) => (
        <Page
          title={node.name}
          lead={
            <Stack gap={4} component="span">
              <Group gap="sm" component="span">
                <Presence node={node} />
                <Text component="span" size="sm">
                  {OWNER.kinds[node.kind]}
                </Text>
              </Group>
              <Reason reason={node.reason} />
            </Stack>
          }
          deeds={
            <Anchor component={Link} to="/owner">
              {OWNER.device.back}
            </Anchor>
          }
        >
          <Grid>
            <Grid.Col span={{ base: 12, lg: 6 }}>
              <Stack>
                <NowCard node={node} />
                <Loaded query={rules}>{({ hold }) => <HoldCard node_id={id} hold={hold} />}</Loaded>
                <YieldsCard node_id={id} />
                <StorageCard node_id={id} />
              </Stack>
            </Grid.Col>
            <Grid.Col span={{ base: 12, lg: 6 }}>
              <Stack>
                <FeelsCard node={node} />
                <TrustCard node={node} />
                <NameCard key={node.id} node={node} />
              </Stack>
            </Grid.Col>
            <Grid.Col span={12}>
              <Loaded query={rules}>{(view) => <RulesCard node_id={id} view={view} />}</Loaded>
            </Grid.Col>
            <Grid.Col span={12}>
              <PriceCard node_id={id} />
            </Grid.Col>
          </Grid>
        </Page>
      )}
    </Loaded>
  );
}
