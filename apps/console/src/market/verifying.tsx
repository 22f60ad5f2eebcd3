import { Alert, Button, Code, List, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { MarketName } from '#units';
import { type AnswerOf, ask } from '../http/use-heap.js';
import { ROUND } from '../text/market.en.js';
import { Problem } from '../ui-kit/problem.js';
import type { Step } from './check-round.js';

type Round = AnswerOf<'/v1/rounds/{round_id}', 'get'>;

/** The round before in the same market, as the heap tells it; null before the first. */
async function roundBefore({ market, number }: Round): Promise<Round | null> {
  if (number <= 1) return null;
  const { rounds } = await ask('/v1/markets/{market}/rounds', {
    params: { path: { market: market as MarketName }, query: { after: number - 2, limit: 1 } },
  });
  return rounds[0]?.number === number - 1 ? rounds[0] : null;
}

/** Recomputes the round in this browser, and shows every step and where it fails. The rules are loaded when somebody asks for them. */
export function Verifying({ round }: { round: Round }) {
  const check = useMutation({
    mutationFn: async () => {
      const [{ checkRound }, before] = await Promise.all([import('./check-round.js'), roundBefore(round)]);
      return checkRound(round, before);
    },
  });
  const broken = check.data?.find(({ state }) => state === 'broken');
  return (
    <Stack gap="sm" align="flex-start">
      <Button onClick={() => check.mutate()} loading={check.isPending}>
        {ROUND.verify}
      </Button>
      {check.error && <Problem error={check.error} />}
      {check.data && (
        <Alert
          role="status"
          variant="light"
          w="100%"
          color={broken ? 'red' : 'heap'}
          title={broken ? ROUND.broken(ROUND.steps[broken.name].name) : ROUND.holds}
        >
          <List listStyleType="none" spacing="xs">
            {check.data.map((step) => (
              <StepLine key={step.name} step={step} />
            ))}
          </List>
        </Alert>
      )}
    </Stack>
  );
}

const MARKS = { holds: '✓', broken: '✗', not_reached: '·' } as const;

function StepLine({ step: { name, state, broken } }: { step: Step }) {
  return (
    <List.Item icon={<span aria-hidden="true">{MARKS[state]}</span>}>
      <Text fw={600}>
        {ROUND.steps[name].name}: {ROUND.states[state]}
      </Text>
      <Text size="sm">{ROUND.steps[name].why}</Text>
      {broken && (
        <Stack gap={2}>
          <Text size="sm">
            {ROUND.at}: <Code>{broken.at}</Code>
          </Text>
          <Text size="sm">
            {ROUND.expected}: <Code>{broken.expected.slice(0, 300)}</Code>
          </Text>
          <Text size="sm">
            {ROUND.found}: <Code>{broken.found.slice(0, 300)}</Code>
          </Text>
        </Stack>
      )}
    </List.Item>
  );
}
