import { Button, Code, Stack, Text } from '@mantine/core';
import { useHeapDeed } from '../../http/use-heap.js';
import { QrCode } from '../../invite/qr-code.js';
import { OWNER } from '../../text/owner.en.js';
import { Problem } from '../../ui-kit/problem.js';
import { When } from '../../ui-kit/when.js';

const TEXT = OWNER.add;

/** A code for one device: made when it is asked for, because it holds ten minutes only. */
export function OneCode() {
  const making = useHeapDeed('post', '/v1/enrolment-codes');
  const { data } = making;
  return (
    <Stack gap="xs" align="flex-start">
      {data && (
        <>
          <QrCode text={data.join_url} label={TEXT.qr(TEXT.one)} />
          {data.join_hint && <Text size="sm">{data.join_hint}</Text>}
          <Text size="sm">
            {TEXT.until} <When at={data.expires_at} />
          </Text>
          <Text size="sm">{TEXT.node}:</Text>
          <Code block>{data.command}</Code>
        </>
      )}
      <Button variant="default" loading={making.isPending} onClick={() => making.mutate({ body: {} })}>
        {TEXT.one_make}
      </Button>
      {making.error && <Problem error={making.error} />}
    </Stack>
  );
}
