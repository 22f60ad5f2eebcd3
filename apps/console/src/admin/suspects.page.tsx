import { Code, Text } from '@mantine/core';
import { heap } from '../http/heap.js';
import { useHeap } from '../http/use-heap.js';
import { ADMIN } from '../text/admin.en.js';
import { Loaded } from '../ui-kit/loaded.js';
import { Page } from '../ui-kit/page.js';
import { Reason } from '../ui-kit/reason.js';
import { When } from '../ui-kit/when.js';
import css from './admin.module.css';
import { Deed } from './deed.js';
import { HeapLink, PersonLink } from './heap-link.js';
import { Part, Rows } from './part.js';
import { Tag } from './tag.js';

const TEXT = ADMIN.suspects;

/** Whose results were wrong, who belongs together, and what followed. */
export function SuspectsPage() {
  const query = useHeap('/v1/admin/suspects', {}, { topics: ['admin:suspects'] });
  return (
    <Page title={TEXT.title} lead={TEXT.lead}>
      <Loaded query={query}>
        {({ nodes, clusters }) => (
          <div className={css.cards}>
            <Part head={TEXT.nodes}>
              <Rows
                label={TEXT.nodes}
                columns={[TEXT.columns.node, TEXT.columns.owner, TEXT.columns.checked, TEXT.columns.wrong, TEXT.columns.banned]}
                empty={TEXT.no_nodes}
                rows={nodes.map((node) => [
                  node.node_id,
                  [
                    <HeapLink key="node" page={`/admin/nodes/${node.node_id}`}>
                      {node.node_id.slice(-12)}
                    </HeapLink>,
                    <PersonLink key="owner" id={node.owner_id} name={node.owner_id.slice(-12)} />,
                    `${node.results_checked} / ${node.results}`,
                    node.mismatches,
                    node.banned !== null && (
                      <Tag key="banned" color="red" variant="light">
                        {node.banned}
                      </Tag>
                    ),
                  ],
                ])}
              />
            </Part>
            <Part head={TEXT.clusters}>
              {clusters.length === 0 && <Text c="dimmed">{TEXT.no_clusters}</Text>}
              {clusters.map((cluster) => (
                <div key={cluster.cluster_id}>
                  <Text fw={650}>{TEXT.cluster(cluster.owners, cluster.nodes, cluster.banned)}</Text>
                  <Text size="sm" component="div">
                    {TEXT.ties}:{' '}
                    {cluster.ties.map(({ kind, value, owners }) => (
                      <Code key={`${kind} ${value}`} mr={4}>{`${kind} ${value.slice(0, 24)} (${owners})`}</Code>
                    ))}
                  </Text>
                </div>
              ))}
            </Part>
          </div>
        )}
      </Loaded>
      <Penalties />
    </Page>
  );
}

function Penalties() {
  const query = useHeap('/v1/admin/penalties', { params: { query: { limit: 100 } } }, { topics: ['admin:suspects'] });
  return (
    <Part head={TEXT.penalties}>
      <Loaded query={query}>
        {({ penalties }) => (
          <Rows
            label={TEXT.penalties}
            columns={[
              TEXT.columns.node,
              ADMIN.list.what,
              ADMIN.jobs.columns.state,
              ADMIN.jobs.columns.reason,
              ADMIN.log.columns.at,
              ADMIN.list.deeds,
            ]}
            empty={TEXT.no_penalties}
            rows={penalties.map((one) => [
              one.penalty_id,
              [
                <HeapLink key="node" page={`/admin/nodes/${one.node_id}`}>
                  {one.node_id.slice(-12)}
                </HeapLink>,
                one.kind,
                one.state,
                <>
                  <Reason reason={one.reason} />
                  {one.appeal && <Text size="sm">{TEXT.appeal(one.appeal.text)}</Text>}
                </>,
                <When key="at" at={one.created_at} />,
                one.state === 'ACTIVE' && (
                  <Deed
                    small
                    label={ADMIN.node.lift}
                    title={ADMIN.node.lift_title}
                    sentence={ADMIN.node.lift_sentence}
                    act={({ reason }) =>
                      heap.POST('/v1/admin/penalties/{penalty_id}/lift', {
                        params: { path: { penalty_id: one.penalty_id } },
                        body: { reason, pay_back: false },
                      })
                    }
                  />
                ),
              ],
            ])}
          />
        )}
      </Loaded>
    </Part>
  );
}
