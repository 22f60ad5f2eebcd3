import { Badge, Card, List, Stack, Text, Title } from '@mantine/core';
import { type AnswerOf, useHeap } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { number, percent } from '../../ui/format.js';
import { Facts } from '../../ui-kit/facts.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Reason } from '../../ui-kit/reason.js';
import { When } from '../../ui-kit/when.js';
import type { OwnNode } from '../types.js';

const TEXT = OWNER.device;
const CHECKS_SHOWN = 5;

/** What the heap thinks of the device: health rules that apply, and what its results are worth. */
export function TrustCard({ node }: { node: OwnNode }) {
  const reputation = useHeap('/v1/nodes/{node_id}/reputation', { params: { path: { node_id: node.id } } }, { topics: [`node:${node.id}`] });
  const { score, rules } = node.health;
  return (
    <Card withBorder component="section" aria-labelledby="trust">
      <Stack gap="sm">
        <Title order={2} size="h4" id="trust">
          {TEXT.health}: {TEXT.health_score(score)}
        </Title>
        {rules.length === 0 ? (
          <Text c="dimmed">{TEXT.health_none}</Text>
        ) : (
          <List size="sm">
            {rules.map(({ name, weight, sentence }) => (
              <List.Item key={name}>
                {weight > 0 ? `+${weight}` : weight} {sentence}
              </List.Item>
            ))}
          </List>
        )}
        <Title order={3} size="h5">
          {TEXT.reputation}
        </Title>
        <Loaded query={reputation}>{(found) => <Reputation of={found} />}</Loaded>
      </Stack>
    </Card>
  );
}

const CHECK_COLOURS = { WANTED: 'gray', OUT: 'gray', AGREED: 'heap', DIFFERED: 'red', DROPPED: 'gray' } as const;

/** Its parts, never one number alone, and the last checks with why they were made. */
function Reputation({ of }: { of: AnswerOf<'/v1/nodes/{node_id}/reputation', 'get'> }) {
  const parts = TEXT.parts;
  return (
    <Stack gap="sm" align="stretch">
      <div>
        <Badge variant="default">{TEXT.grades[of.grade]}</Badge>{' '}
        {of.probation_left > 0 && (
          <Text size="sm" span>
            {TEXT.probation_left(of.probation_left)}
          </Text>
        )}
      </div>
      <Facts
        rows={[
          [parts.results, number(of.results)],
          [parts.checked, number(of.results_checked)],
          [parts.wrong, number(of.mismatches)],
          [parts.confirmed, number(of.confirmed_in_a_row)],
          [parts.uptime, of.uptime === null ? null : percent(of.uptime)],
          [parts.yields, number(of.yields)],
          [parts.withheld, of.withheld_share === null ? null : percent(of.withheld_share)],
        ]}
      />
      <Title order={3} size="h5">
        {TEXT.checks}
      </Title>
      {of.checks.length === 0 && <Text c="dimmed">{TEXT.checks_none}</Text>}
      {of.checks.slice(0, CHECKS_SHOWN).map((check) => (
        <div key={`${check.job_id} ${check.index} ${check.ordered_at}`}>
          <Text size="sm" fw={600}>
            {TEXT.check(check.index, `…${check.job_id.slice(-8)}`)}, <When at={check.decided_at ?? check.ordered_at} />{' '}
            <Badge variant="light" color={CHECK_COLOURS[check.state]}>
              {TEXT.check_states[check.state]}
            </Badge>
          </Text>
          <Reason reason={check.reason} /> {check.outcome && <Reason reason={check.outcome} />}
        </div>
      ))}
    </Stack>
  );
}
