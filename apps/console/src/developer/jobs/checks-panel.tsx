import { Progress, Stack, Text } from '@mantine/core';
import { type AnswerOf, useHeap } from '../../http/use-heap.js';
import { JOB } from '../../text/jobs.en.js';
import { number, percent } from '../../ui/format.js';
import { Facts } from '../../ui-kit/facts.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Money } from '../../ui-kit/money.js';
import { Reason } from '../../ui-kit/reason.js';
import { useCurrency } from '../use-currency.js';

const TEXT = JOB.checks;
const STANDINGS = [
  ['final', 'heap'],
  ['provisional', 'blue'],
  ['refuted', 'red'],
  ['unchecked', 'gray'],
] as const;

/** How sure the job's results are, and who looked. */
export function ChecksPanel({ job_id }: { job_id: string }) {
  const checks = useHeap('/v1/jobs/{job_id}/verification', { params: { path: { job_id } } }, { topics: [`job:${job_id}`] });
  return <Loaded query={checks}>{(found) => <Checks found={found} />}</Loaded>;
}

type Verification = AnswerOf<'/v1/jobs/{job_id}/verification', 'get'>;

function Checks({ found }: { found: Verification }) {
  const { currency } = useCurrency();
  const { results, checks } = found;
  const all = Object.values(results).reduce((sum, count) => sum + count, 0);
  return (
    <Stack gap="md">
      <div>
        <Text fw={600}>{TEXT.level(found.level)}</Text>
        <Text>{found.sentence}</Text>
        <Reason reason={found.checked_by} />
      </div>
      <div>
        <Progress.Root size="xl">
          {STANDINGS.map(([standing, color]) => (
            <Progress.Section
              key={standing}
              value={all === 0 ? 0 : (100 * results[standing]) / all}
              color={color}
              aria-label={TEXT.standing[standing]}
            />
          ))}
        </Progress.Root>
        <Text size="sm">{TEXT.drawn(results.provisional, results.final, results.refuted, results.unchecked)}</Text>
      </div>
      <Facts
        rows={[
          [
            TEXT.checked,
            <>
              {TEXT.checks(checks.waiting, checks.agreed, checks.differed)}; {TEXT.by(checks.by_nodes, checks.by_reference)}
              {checks.waits && <Reason reason={checks.waits} />}
            </>,
          ],
          [TEXT.error, found.expected_error === null ? TEXT.unknown : percent(found.expected_error)],
          [TEXT.factor, TEXT.executions(number(found.price_factor, 2))],
          [TEXT.paid_back, <Money key="back" micro={found.paid_back_micro} currency={currency} />],
        ]}
      />
      {found.own_verifier && <OwnVerifier verifier={found.own_verifier} currency={currency} />}
    </Stack>
  );
}

/** What the developer's own verifier said, and why the heap agreed or did not. */
function OwnVerifier({ verifier, currency }: { verifier: NonNullable<Verification['own_verifier']>; currency: string }) {
  const text = TEXT.verifier;
  return (
    <Stack gap="sm" component="section" aria-label={text.title}>
      <div>
        <Text fw={600}>
          {text.title}: {text.state[verifier.state]}
        </Text>
        {verifier.reason && <Reason reason={verifier.reason} />}
      </div>
      <Facts
        rows={[
          [text.results, text.counts(verifier.results)],
          [
            text.cost,
            <>
              <Money micro={verifier.charged_micro} currency={currency} /> {text.of}{' '}
              <Money micro={verifier.budget_micro} currency={currency} />
            </>,
          ],
        ]}
      />
      <Text fw={600}>{text.rejections}</Text>
      {verifier.rejections.length === 0 && <Text c="dimmed">{text.none}</Text>}
      {verifier.rejections.map(({ index, code, sentence }) => (
        <div key={index}>
          <Text size="sm">{text.task(index)}</Text>
          <Reason reason={{ code, sentence }} />
        </div>
      ))}
    </Stack>
  );
}
