import { SimpleGrid } from '@mantine/core';
import { memo, useDeferredValue } from 'react';
import { useHeap } from '../http/use-heap.js';
import { ADMIN } from '../text/admin.en.js';
import { Loaded } from '../ui-kit/loaded.js';
import { Page } from '../ui-kit/page.js';
import css from './admin.module.css';
import { AlertsPart } from './alerts-part.js';
import { CarePart } from './care-part.js';
import { MarketsPart } from './markets-part.js';
import { MoneyPart } from './money-part.js';
import { NodesPart } from './nodes-part.js';
import type { Glance } from './shapes.js';
import { Tag } from './tag.js';
import { WorkPart } from './work-part.js';

const TEXT = ADMIN.glance;

const Parts = memo(({ now }: { now: Glance }) => {
  // What is seen without scrolling first; the rest in pieces after it.
  const rest = useDeferredValue(true, false);
  return (
    <>
      <AlertsPart alerts={now.alerts} />
      <div className={css.cards} data-loading={!rest || undefined}>
        <NodesPart now={now} />
        {rest && (
          <>
            <WorkPart now={now} />
            <MoneyPart now={now} />
            <MarketsPart now={now} />
          </>
        )}
      </div>
      {rest && (
        <SimpleGrid cols={1}>
          <CarePart now={now} />
        </SimpleGrid>
      )}
    </>
  );
});

/** The whole heap on one page. */
export function GlancePage() {
  const glance = useHeap('/v1/admin/glance', {}, { topics: ['admin:glance'] });
  // News come by the second: they are drawn in pieces, and a press comes before them.
  const now = useDeferredValue(glance.data);
  const badness = glance.data?.badness ?? 0;
  return (
    <Page
      title={TEXT.title}
      lead={TEXT.lead}
      deeds={
        glance.data && (
          <Tag size="lg" color={badness === 0 ? 'heap' : badness >= 50 ? 'red' : 'yellow'} autoContrast>
            {TEXT.badness(badness)}
          </Tag>
        )
      }
    >
      <Loaded query={glance}>{(newest) => <Parts now={now ?? newest} />}</Loaded>
    </Page>
  );
}
