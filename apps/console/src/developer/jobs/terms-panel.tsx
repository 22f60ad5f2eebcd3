import { Code, List, Stack, Text } from '@mantine/core';
import { JOB } from '../../text/jobs.en.js';
import { Facts } from '../../ui-kit/facts.js';
import { Money } from '../../ui-kit/money.js';
import { When } from '../../ui-kit/when.js';
import { useCurrency } from '../use-currency.js';
import type { JobInfo } from './job-info.js';

const TEXT = JOB.terms;

/** What was ordered, and what its tasks may see, in the words that owners read. */
export function TermsPanel({ job }: { job: JobInfo }) {
  const { currency } = useCurrency();
  return (
    <Stack gap="md">
      <Facts
        rows={[
          [JOB.facts.price, <Money key="price" micro={job.max_price_micro} currency={currency} />],
          [JOB.facts.checking, job.order.verification],
          [TEXT.class, job.order.workload_class],
          [TEXT.deadline, job.order.deadline && <When key="deadline" at={job.order.deadline} absolute />],
          [TEXT.module, <Code key="module">{job.module_hash}</Code>],
        ]}
      />
      <div>
        <Text fw={600}>{TEXT.may}</Text>
        {job.may.length === 0 ? (
          <Text>{TEXT.nothing}</Text>
        ) : (
          <List>
            {job.may.map((sentence) => (
              <List.Item key={sentence}>{sentence}</List.Item>
            ))}
          </List>
        )}
      </div>
    </Stack>
  );
}
