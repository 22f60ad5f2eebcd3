import { Checkbox, Code, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { heap } from '../http/heap.js';
import { type AnswerOf, useHeap } from '../http/use-heap.js';
import { ADMIN } from '../text/admin.en.js';
import { moneyParts, number } from '../ui/format.js';
import { Loaded } from '../ui-kit/loaded.js';
import { Page } from '../ui-kit/page.js';
import { Reason } from '../ui-kit/reason.js';
import { When } from '../ui-kit/when.js';
import css from './admin.module.css';
import { Deed } from './deed.js';
import { HeapLink, PersonLink } from './heap-link.js';
import { Facts, Part, Rows } from './part.js';
import { Tag } from './tag.js';

const TEXT = ADMIN.suspects;

/** Whose results were wrong, who belongs together, and what followed. */
export function SuspectsPage() {
  const query = useHeap('/v1/admin/suspects', {}, { topics: ['admin:suspects'] });
  return (
    <Page title={TEXT.title} lead={TEXT.lead}>
      <Loaded query={query}>
        {({ nodes, clusters, reference }) => (
          <div className={css.cards}>
            <Part head={TEXT.nodes}>
              <Rows
                label={TEXT.nodes}
                columns={[
                  TEXT.columns.node,
                  TEXT.columns.wrong,
                  TEXT.columns.banned,
                  TEXT.columns.checked,
                  TEXT.columns.results,
                  TEXT.columns.owner,
                ]}
                empty={TEXT.no_nodes}
                rows={nodes.map((node) => [
                  node.node_id,
                  [
                    <HeapLink key="node" page={`/admin/nodes/${node.node_id}`}>
                      {node.node_id.slice(-12)}
                    </HeapLink>,
                    node.mismatches,
                    node.banned !== null && (
                      <Tag key="banned" color="red" variant="light">
                        {TEXT.bans[node.banned]}
                      </Tag>
                    ),
                    number(node.results_checked),
                    number(node.results),
                    <PersonLink key="owner" id={node.owner_id} name={node.owner_id.slice(-12)} />,
                  ],
                ])}
              />
            </Part>
            <Part head={TEXT.clusters}>
              {clusters.length === 0 && <Text c="dimmed">{TEXT.no_clusters}</Text>}
              {clusters.map((cluster) => (
                <div key={cluster.cluster_id}>
                  <Text fw={650}>{TEXT.cluster(cluster.owners, cluster.nodes, cluster.banned)}</Text>
                  <Text size="sm">
                    {TEXT.cluster_id} <Code>{cluster.cluster_id.slice(-12)}</Code>
                  </Text>
                  {cluster.ties.map(({ kind, value, owners }) => (
                    <Text key={`${kind} ${value}`} size="sm" style={{ overflowWrap: 'anywhere' }}>
                      {TEXT.tie(TEXT.kinds_of_tie[kind] ?? kind, value.slice(0, 24), owners)}
                    </Text>
                  ))}
                </div>
              ))}
            </Part>
            <Part head={TEXT.reference}>
              <Facts
                facts={[
                  [TEXT.reference_facts.today, number(Number(reference.fuel_today))],
                  [TEXT.reference_facts.most, number(Number(reference.fuel_per_day))],
                  [TEXT.reference_facts.waiting, number(reference.waiting)],
                ]}
              />
              {reference.reason && <Reason reason={reference.reason} />}
            </Part>
          </div>
        )}
      </Loaded>
      <Penalties />
    </Page>
  );
}

type Penalty = AnswerOf<'/v1/admin/penalties', 'get'>['penalties'][number];

/** Each with what it is for, what became of it, and the way to lift it; who lifted one is in the log. */
function Penalties() {
  const query = useHeap('/v1/admin/penalties', { params: { query: { limit: 100 } } }, { topics: ['admin:suspects'] });
  return (
    <Part head={TEXT.penalties}>
      <Text size="sm" c="dimmed">
        {TEXT.overrides} <HeapLink page="/admin/log?action=penalty.">{TEXT.to_log}</HeapLink>
      </Text>
      <Loaded query={query}>
        {({ penalties }) => (
          <Stack gap="md">
            {penalties.length === 0 && <Text c="dimmed">{TEXT.no_penalties}</Text>}
            {penalties.map((one) => (
              <One key={one.penalty_id} penalty={one} />
            ))}
          </Stack>
        )}
      </Loaded>
    </Part>
  );
}

function One({ penalty }: { penalty: Penalty }) {
  const { appeal, decision, evidence } = penalty;
  const { data: heap_info } = useHeap('/v1/heap', {});
  const money = moneyParts(BigInt(penalty.voided_micro), heap_info?.currency ?? 'USD').whole;
  return (
    <article className={css.alert} data-severity={penalty.state === 'ACTIVE' ? 'critical' : 'info'}>
      <Stack gap="xs">
        <Group justify="space-between" gap="xs">
          <Group gap="xs">
            <Tag color={penalty.state === 'ACTIVE' ? 'red' : 'gray'} variant="light">
              {TEXT.kinds[penalty.kind]}, {TEXT.states[penalty.state]}
            </Tag>
            <HeapLink page={`/admin/nodes/${penalty.node_id}`}>{penalty.node_id.slice(-12)}</HeapLink>
            <PersonLink id={penalty.owner_id} name={penalty.owner_id.slice(-12)} />
          </Group>
          {penalty.state === 'ACTIVE' && <Lift penalty_id={penalty.penalty_id} />}
        </Group>
        <Reason reason={penalty.reason} />
        <Text size="sm">
          {TEXT.imposed} <When at={penalty.created_at} />
          {penalty.lapses_at && (
            <>
              , {TEXT.lapses} <When at={penalty.lapses_at} absolute />
            </>
          )}
          . {TEXT.voided}: {money}.
        </Text>
        <Evidence evidence={evidence} />
        {appeal && <Text size="sm">{TEXT.appeal(appeal.text)}</Text>}
        {decision && (
          <Text size="sm">
            {TEXT.decision} <Reason reason={decision} />
          </Text>
        )}
      </Stack>
    </article>
  );
}

/** What the device said of the task and what the heap's own run came to. */
function Evidence({ evidence }: { evidence: Penalty['evidence'] }) {
  if (evidence === null)
    return (
      <Text size="sm">
        {TEXT.evidence}: {TEXT.by_admin}
      </Text>
    );
  const said = (claim: typeof evidence.said) => claim && TEXT.claim(claim.verdict, number(claim.fuel_used), claim.output_hash.slice(0, 12));
  return (
    <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
      {TEXT.evidence}: {TEXT.task(evidence.index)} <HeapLink page={`/admin/jobs/${evidence.job_id}`}>{evidence.job_id.slice(-12)}</HeapLink>
      {evidence.said && `; ${TEXT.said} ${said(evidence.said)}`}
      {evidence.right && `; ${TEXT.right} ${said(evidence.right)}`}
    </Text>
  );
}

function Lift({ penalty_id }: { penalty_id: string }) {
  const [pay_back, setPayBack] = useState(false);
  return (
    <Deed
      small
      label={ADMIN.node.lift}
      title={ADMIN.node.lift_title}
      sentence={ADMIN.node.lift_sentence}
      act={({ reason }) =>
        heap.POST('/v1/admin/penalties/{penalty_id}/lift', { params: { path: { penalty_id } }, body: { reason, pay_back } })
      }
    >
      <Checkbox label={TEXT.pay_back} checked={pay_back} onChange={({ currentTarget }) => setPayBack(currentTarget.checked)} />
    </Deed>
  );
}
