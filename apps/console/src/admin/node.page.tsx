import { Group, List, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { heap } from '../http/heap.js';
import { useHeap } from '../http/use-heap.js';
import { ADMIN } from '../text/admin.en.js';
import { number } from '../ui/format.js';
import { Loaded } from '../ui-kit/loaded.js';
import { Page } from '../ui-kit/page.js';
import { Reason } from '../ui-kit/reason.js';
import { When } from '../ui-kit/when.js';
import css from './admin.module.css';
import { Deed } from './deed.js';
import { PersonLink } from './heap-link.js';
import { NodeHistory } from './node-history.js';
import { Facts, Part } from './part.js';
import type { Node } from './shapes.js';
import { Tag } from './tag.js';

const TEXT = ADMIN.node;

/** Everything about one device, and what can be done with it. */
export function NodePage() {
  const { node_id } = useParams({ strict: false }) as { node_id: string };
  const query = useHeap('/v1/admin/nodes/{node_id}', { params: { path: { node_id } } }, { topics: ['admin:nodes'] });
  return (
    <Loaded query={query}>
      {(node) => (
        <Page title={node.name} lead={<Reason reason={node.reason} />} deeds={<Deeds node={node} />}>
          <Known node={node} />
          <NodeHistory node={node} />
        </Page>
      )}
    </Loaded>
  );
}

function Deeds({ node }: { node: Node }) {
  const params = { path: { node_id: node.node_id } };
  if (node.state === 'REVOKED') return <Tag color="red">{node.state}</Tag>;
  return (
    <>
      {node.drained ? (
        <Deed
          key="fill"
          label={TEXT.fill}
          title={TEXT.fill_title}
          sentence={TEXT.fill_sentence}
          act={({ reason }) => heap.POST('/v1/admin/nodes/{node_id}/fill', { params, body: { reason } })}
        />
      ) : (
        <Deed
          key="drain"
          label={TEXT.drain}
          title={TEXT.drain_title}
          sentence={TEXT.drain_sentence}
          act={({ reason }) => heap.POST('/v1/admin/nodes/{node_id}/drain', { params, body: { reason } })}
        />
      )}
      <Deed
        danger
        label={TEXT.ban}
        title={TEXT.ban_title}
        sentence={TEXT.ban_sentence}
        act={({ reason }) => heap.POST('/v1/admin/nodes/{node_id}/ban', { params, body: { reason } })}
      />
      <Deed
        danger
        label={TEXT.revoke}
        title={TEXT.revoke_title}
        sentence={TEXT.revoke_sentence}
        act={({ reason }) => heap.POST('/v1/admin/nodes/{node_id}/revoke', { params, body: { reason } })}
      />
    </>
  );
}

const Known = ({ node }: { node: Node }) => (
  <div className={css.cards}>
    <Part head={TEXT.facts}>
      <Facts
        facts={[
          [TEXT.state, `${node.state}, ${ADMIN.glance.presences[node.presence ?? 'never']}`],
          [TEXT.kind, ADMIN.nodes.kinds[node.kind]],
          [TEXT.owner, <PersonLink key="owner" id={node.owner.person_id} name={`${node.owner.name}, ${node.owner.email}`} />],
          [TEXT.region, node.region ?? ADMIN.glance.no_region],
          [TEXT.version, node.agent_version ?? '–'],
          [TEXT.speed, number(node.speed_fuel_per_ms)],
          [TEXT.enrolled, <When key="enrolled" at={node.enrolled_at} absolute />],
          [TEXT.seen, node.last_seen_at === null ? '–' : <When key="seen" at={node.last_seen_at} />],
          ...(node.cluster ? ([[TEXT.cluster, TEXT.cluster_of(node.cluster.owners)]] as const) : []),
          ...(node.partner_id ? ([[TEXT.partner, <PersonLink key="partner" id={node.partner_id} name={node.partner_id} />]] as const) : []),
          [
            'id',
            <span key="id" className={css.hash}>
              {node.node_id}
            </span>,
          ],
        ]}
      />
    </Part>
    <Part head={`${TEXT.health}: ${TEXT.health_sum(node.view.health.score)}`}>
      {node.view.health.rules.length === 0 && <Text c="dimmed">{TEXT.no_health}</Text>}
      <List size="sm" spacing="xs">
        {node.view.health.rules.map(({ name, weight, sentence }) => (
          <List.Item key={name}>
            <Group gap="xs" wrap="nowrap" align="flex-start">
              <Tag color={weight < 0 ? 'red' : 'heap'}>{weight > 0 ? `+${weight}` : weight}</Tag>
              {sentence}
            </Group>
          </List.Item>
        ))}
      </List>
      <Text size="sm">
        {TEXT.results}:{' '}
        {TEXT.results_line(
          node.reputation.results,
          node.reputation.checked,
          node.reputation.mismatches,
          node.reputation.confirmed_in_a_row,
        )}
      </Text>
    </Part>
  </div>
);
