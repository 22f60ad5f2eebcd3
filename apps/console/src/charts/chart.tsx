import { Skeleton } from '@mantine/core';
import type { EChartsCoreOption } from 'echarts/core';
import { lazy, Suspense } from 'react';
import { ChartFrame, type ChartTable } from './chart-frame.js';

const Canvas = lazy(() => import('./canvas.js'));

interface Props {
  /** What is drawn, in a sentence: what a reader of the picture would take from it. */
  label: string;
  option: EChartsCoreOption;
  /** The same as figures. */
  table: ChartTable;
  height?: number;
}

/** A drawing that is more than bars and lines, by the library, which is loaded with the first of them. */
export const Chart = ({ label, option, table, height = 260 }: Props) => (
  <ChartFrame label={label} table={() => table} height={height}>
    <Suspense fallback={<Skeleton height={height} />}>
      <Canvas label={label} option={option} height={height} />
    </Suspense>
  </ChartFrame>
);
