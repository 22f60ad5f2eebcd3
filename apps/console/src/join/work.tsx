import { WORKLOAD_CLASSES } from '#units';
import type { AgentView, CurrentWork } from '../agent/contract.js';
import { TEXT } from '../text/en.js';
import { Card } from '../ui/card.js';
import { number } from '../ui/format.js';
import ui from '../ui/ui.module.css';
import css from './join.module.css';

/** What the device computes now, for whom, and what that may see. */
export function Work({ view }: { view: AgentView }) {
  return (
    <Card head={TEXT.work.head}>
      {view.work.length === 0 ? (
        <p className={ui.soft}>{TEXT.work.none}</p>
      ) : (
        <ul className={css.leases}>
          {view.work.map((one) => (
            <Lease key={one.lease_id} work={one} />
          ))}
        </ul>
      )}
      <dl className={ui.pairs}>
        <div>
          <dt>{TEXT.work.visit}</dt>
          <dd>{number(view.tasks_done)}</dd>
        </div>
      </dl>
    </Card>
  );
}

function Lease({ work }: { work: CurrentWork }) {
  const { workload_class, may, slot_class, tasks_done, tasks_waiting } = work;
  return (
    <li>
      <p>{workload_class === null ? TEXT.work.unknown : TEXT.work.for(WORKLOAD_CLASSES[workload_class])}</p>
      <p className={ui.small}>
        {TEXT.work.slot(slot_class)}, {TEXT.work.tasks(tasks_done, tasks_waiting)}
      </p>
      <h3 className={ui.small}>{TEXT.work.may}</h3>
      <ul className={ui.points}>
        {may.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </li>
  );
}
