import { Anchor, Group } from '@mantine/core';
import { OWNER } from '../../text/owner.en.js';

/** A statement as documents. */
export const Files = ({ statement_id }: { statement_id: string }) => (
  <Group gap="md">
    {(['pdf', 'csv'] as const).map((format) => (
      <Anchor key={format} href={`/v1/statements/${statement_id}/${format}`} download={`${statement_id}.${format}`}>
        {OWNER.statements.files[format]}
      </Anchor>
    ))}
  </Group>
);
