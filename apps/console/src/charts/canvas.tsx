import { useComputedColorScheme } from '@mantine/core';
import { BarChart, CandlestickChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { type EChartsCoreOption, type EChartsType, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import { chartTheme } from './chart-theme.js';

use([BarChart, CandlestickChart, LineChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

interface Props {
  label: string;
  option: EChartsCoreOption;
  height: number;
}

/** Draws an option of ECharts in the colours of the page, as large as there is room. */
export default function Canvas({ label, option, height }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(null);
  const scheme = useComputedColorScheme();
  useEffect(() => {
    if (place.current === null) return;
    const drawn = init(place.current, chartTheme(place.current), { renderer: 'canvas' });
    const room = new ResizeObserver(() => drawn.resize());
    room.observe(place.current);
    chart.current = drawn;
    return () => {
      room.disconnect();
      drawn.dispose();
      chart.current = null;
    };
  }, [scheme]);
  useEffect(() => {
    chart.current?.setOption(
      { animation: false, ...option, tooltip: { ...(option.tooltip as object), renderMode: 'richText' } },
      { notMerge: true },
    );
  }, [option, scheme]);
  return <div ref={place} role="img" aria-label={label} style={{ height }} />;
}
