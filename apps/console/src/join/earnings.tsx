import { useEffect, useState } from 'react';
import type { AgentView } from '../agent/contract.js';
import { TEXT } from '../text/en.js';
import { Amount } from '../ui/amount.js';
import { Card } from '../ui/card.js';
import { moneyParts } from '../ui/format.js';
import { type Point, withPoint } from '../ui/line.js';
import { Sparkline } from '../ui/sparkline.js';
import ui from '../ui/ui.module.css';

/** What the device earned, in a figure and as it grew during this visit. */
export function Earnings({ view, simulated }: { view: AgentView; simulated: boolean }) {
  const { earned_micro, currency, unconfirmed } = view;
  const points = useVisit(earned_micro);
  return (
    <Card head={TEXT.earned.head}>
      <dl className={ui.pairs}>
        <div>
          <dt>{TEXT.earned.all}</dt>
          <dd>{earned_micro === null || currency === null ? TEXT.earned.unknown : <Amount micro={earned_micro} currency={currency} />}</dd>
        </div>
      </dl>
      {currency !== null && points.length > 0 && <Sparkline points={points} label={lineLabel(points, currency)} />}
      {points.length < 2 && <p className={ui.small}>{TEXT.earned.soon}</p>}
      {unconfirmed > 0 && <p className={ui.small}>{TEXT.earned.undelivered(unconfirmed)}</p>}
      {simulated && <p className={ui.small}>{TEXT.earned.simulated}</p>}
      <p className={ui.small}>
        <a href="/owner/payouts" target="_blank" rel="noreferrer">
          {TEXT.earned.payouts}
        </a>
      </p>
    </Card>
  );
}

/** What was earned in all, each time it became more. */
function useVisit(earned_micro: bigint | null): readonly Point[] {
  const [points, setPoints] = useState<readonly Point[]>([]);
  useEffect(() => {
    if (earned_micro !== null) setPoints((before) => withPoint(before, { at_ms: Date.now(), value: Number(earned_micro) }));
  }, [earned_micro]);
  return points;
}

function lineLabel(points: readonly Point[], currency: string): string {
  const said = (point: Point | undefined) => moneyParts(BigInt(point?.value ?? 0), currency).whole;
  return TEXT.earned.line(said(points[0]), said(points.at(-1)));
}
