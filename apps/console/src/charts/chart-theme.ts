/** ECharts' theme of the colours that `ui/tokens.css` has at this place of the page. */
export function chartTheme(place: Element): object {
  // What a name stands for depends on the scheme, and only a colour that is used has a value.
  const probe = place.appendChild(document.createElement('span'));
  const of = (name: string) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const axis = {
    axisLine: { lineStyle: { color: of('--line') } },
    axisTick: { lineStyle: { color: of('--line') } },
    axisLabel: { color: of('--ink-soft') },
    splitLine: { lineStyle: { color: of('--line') } },
  };
  const theme = {
    color: [of('--accent'), of('--wait'), of('--pause'), of('--danger'), of('--ink-soft')],
    textStyle: { color: of('--ink'), fontFamily: getComputedStyle(place).fontFamily },
    legend: { textStyle: { color: of('--ink') } },
    tooltip: { backgroundColor: of('--surface'), borderColor: of('--line'), textStyle: { color: of('--ink') } },
    candlestick: {
      itemStyle: { color: of('--accent'), borderColor: of('--accent'), color0: of('--danger'), borderColor0: of('--danger') },
    },
    categoryAxis: axis,
    valueAxis: axis,
    timeAxis: axis,
    logAxis: axis,
  };
  probe.remove();
  return theme;
}
