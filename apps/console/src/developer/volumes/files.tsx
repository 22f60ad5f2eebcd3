import { Button, Code, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { type AnswerOf, useHeapDeed } from '../../http/use-heap.js';
import { VOLUMES } from '../../text/volumes.en.js';
import { bytes } from '../../ui/format.js';
import { ConfirmDeed } from '../../ui-kit/confirm-deed.js';
import { type Column, DataTable } from '../../ui-kit/data-table.js';
import { Empty } from '../../ui-kit/empty.js';
import { When } from '../../ui-kit/when.js';
import { Listed } from '../listed.js';
import { usePages } from '../use-pages.js';

type File = AnswerOf<'/v1/volumes/{volume_id}/files', 'get'>['files'][number];
const TEXT = VOLUMES.one;
const LIMIT = 50;

/** What the heap knows of a volume's files: their ids and sizes, and no names. */
export function Files({ volume_id }: { volume_id: string }) {
  const [asked, setAsked] = useState<File | null>(null);
  const remove = useHeapDeed('delete', '/v1/files/{file_id}', {
    stale: ['/v1/volumes', '/v1/volumes/{volume_id}', '/v1/volumes/{volume_id}/files'],
  });
  const files = usePages('/v1/volumes/{volume_id}/files', {
    limit: LIMIT,
    topics: ['volumes'],
    init: (last: File | null) => ({ params: { path: { volume_id }, query: { limit: LIMIT, ...(last && { before: last.id }) } } }),
    rows: (answer) => answer.files,
  });
  const close = () => {
    setAsked(null);
    remove.reset();
  };
  const columns: Column<File>[] = [
    { key: 'id', label: TEXT.file_columns.id, width: 18, cell: ({ id }) => <Code>{id}</Code> },
    { key: 'state', label: TEXT.file_columns.state, width: 7, cell: ({ state }) => TEXT.file_states[state] },
    { key: 'bytes', label: TEXT.file_columns.bytes, width: 8, numeric: true, cell: (row) => bytes(row.bytes) },
    { key: 'made', label: TEXT.file_columns.made, width: 8, cell: ({ created_at }) => <When at={created_at} /> },
    {
      key: 'why',
      label: TEXT.file_columns.why,
      width: 14,
      cell: ({ reason }) => <span title={`${reason.sentence} (${reason.code})`}>{reason.sentence}</span>,
    },
    {
      key: 'deed',
      label: TEXT.file_columns.deed,
      width: 7,
      cell: (row) =>
        row.state !== 'DELETED' && (
          <Button variant="subtle" size="compact-sm" color="red" onClick={() => setAsked(row)}>
            {TEXT.delete}
          </Button>
        ),
    },
  ];
  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        {TEXT.files}
      </Title>
      <Text c="dimmed">{TEXT.files_lead}</Text>
      <Listed pages={files} empty={<Empty {...TEXT.no_files} />}>
        <DataTable label={TEXT.files_table} columns={columns} rows={files.rows} rowKey={({ id }) => id} more={files.more} />
      </Listed>
      <ConfirmDeed
        opened={asked !== null}
        title={TEXT.delete_title}
        sentence={TEXT.delete_sentence}
        deed={TEXT.delete}
        keep={TEXT.keep}
        danger
        pending={remove.isPending}
        error={remove.error}
        onDeed={() => asked && remove.mutate({ params: { path: { file_id: asked.id } } }, { onSuccess: close })}
        onClose={close}
      />
    </Stack>
  );
}
