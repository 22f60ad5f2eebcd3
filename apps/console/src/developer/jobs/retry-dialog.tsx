import { Button, Modal, NumberInput, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useHeapDeed } from '../../http/use-heap.js';
import { JOB } from '../../text/jobs.en.js';
import { amountOf } from '../../ui-kit/amount-of.js';
import { Problem } from '../../ui-kit/problem.js';
import type { JobInfo } from './job-info.js';

const TEXT = JOB.retry;
const MILLION = 1_000_000;

/** Runs tasks of a job again, in a job of its own that it then leads to. */
export function RetryDialog({ job, states, label }: { job: JobInfo; states: ('FAILED' | 'CANCELLED')[]; label: string }) {
  const [opened, { open, close }] = useDisclosure();
  const [fuel, setFuel] = useState<number | ''>('');
  const [cap, setCap] = useState('');
  const navigate = useNavigate();
  const retry = useHeapDeed('post', '/v1/jobs/{job_id}/tasks/retry', { stale: ['/v1/jobs', '/v1/balance', '/v1/funds'] });
  const amount = amountOf(cap);
  const go = () =>
    retry.mutate(
      {
        params: { path: { job_id: job.id }, header: { 'Idempotency-Key': crypto.randomUUID() } },
        body: {
          states,
          ...(fuel !== '' && { fuel_limit: fuel * MILLION }),
          ...(amount.micro !== null && { budget_micro: String(amount.micro) }),
        },
      },
      {
        onSuccess: ({ id }) => {
          close();
          void navigate({ to: '/developer/jobs/$job_id', params: { job_id: id } });
        },
      },
    );
  return (
    <>
      <Button variant="default" onClick={open}>
        {label}
      </Button>
      <Modal opened={opened} onClose={close} title={TEXT.title} centered closeButtonProps={{ 'aria-label': TEXT.close }}>
        <Stack gap="md">
          <Text>{TEXT.sentence}</Text>
          <NumberInput
            label={TEXT.fuel}
            description={TEXT.fuel_hint}
            value={fuel}
            min={1}
            allowDecimal={false}
            onChange={(value) => setFuel(typeof value === 'number' ? value : '')}
          />
          <TextInput
            label={TEXT.cap}
            description={TEXT.cap_hint}
            inputMode="decimal"
            value={cap}
            error={amount.fault}
            onChange={({ currentTarget }) => setCap(currentTarget.value)}
          />
          {retry.error && <Problem error={retry.error} />}
          <Button onClick={go} loading={retry.isPending} disabled={amount.fault !== null}>
            {TEXT.yes}
          </Button>
        </Stack>
      </Modal>
    </>
  );
}
