import { heap } from '../http/heap.js';
import { useHeap } from '../http/use-heap.js';
import { ADMIN } from '../text/admin.en.js';
import { Money } from '../ui-kit/money.js';
import { Reason } from '../ui-kit/reason.js';
import { When } from '../ui-kit/when.js';
import { Deed } from './deed.js';
import { HeapLink } from './heap-link.js';
import { Part, Rows } from './part.js';
import type { Node } from './shapes.js';

const TEXT = ADMIN.node;

/** What a device did, was punished for, and when it was there. */
export function NodeHistory({ node }: { node: Node }) {
  const { data: about } = useHeap('/v1/heap', {});
  const currency = about?.currency ?? 'USD';
  return (
    <>
      <Part head={TEXT.penalties}>
        <Rows
          label={TEXT.penalties}
          columns={[ADMIN.list.what, ADMIN.jobs.columns.state, ADMIN.jobs.columns.reason, ADMIN.log.columns.at, ADMIN.list.deeds]}
          empty={TEXT.no_penalties}
          rows={node.penalties.map((one) => [
            one.penalty_id,
            [
              one.kind,
              one.state,
              <Reason key="reason" reason={one.reason} />,
              <When key="at" at={one.created_at} />,
              one.state === 'ACTIVE' && (
                <Deed
                  small
                  label={TEXT.lift}
                  title={TEXT.lift_title}
                  sentence={TEXT.lift_sentence}
                  act={({ reason }) =>
                    heap.POST('/v1/admin/penalties/{penalty_id}/lift', {
                      params: { path: { penalty_id: one.penalty_id } },
                      body: { reason, pay_back: false },
                    })
                  }
                />
              ),
            ],
          ])}
        />
      </Part>
      <Part head={TEXT.leases}>
        <Rows
          label={TEXT.leases}
          columns={[
            ADMIN.jobs.columns.name,
            TEXT.slot,
            ADMIN.jobs.columns.state,
            ADMIN.job.tasks,
            ADMIN.jobs.columns.charged,
            ADMIN.jobs.columns.created,
          ]}
          empty={TEXT.no_leases}
          rows={node.leases.map((lease) => [
            lease.lease_id,
            [
              <HeapLink key="job" page={`/admin/jobs/${lease.job_id}`}>
                {lease.job_id.slice(-12)}
              </HeapLink>,
              lease.slot_class,
              lease.reason === null ? lease.state : <Reason key="reason" reason={lease.reason} />,
              lease.tasks,
              <Money key="charged" micro={lease.charged_micro} currency={currency} />,
              <When key="at" at={lease.granted_at} />,
            ],
          ])}
        />
      </Part>
      <Part head={TEXT.last_results}>
        <Rows
          label={TEXT.last_results}
          columns={[ADMIN.jobs.columns.name, ADMIN.jobs.columns.state, TEXT.fuel, ADMIN.jobs.columns.charged, ADMIN.log.columns.at]}
          empty={TEXT.no_results}
          rows={node.results_last.map((one) => [
            `${one.job_id} ${one.index} ${one.epoch}`,
            [
              <HeapLink key="job" page={`/admin/jobs/${one.job_id}`}>{`${one.job_id.slice(-12)} #${one.index}`}</HeapLink>,
              `${one.outcome}${one.verdict === null ? '' : `, ${one.verdict}`}`,
              one.fuel_used.toLocaleString(),
              <Money key="charge" micro={one.charge_micro} currency={currency} />,
              <When key="at" at={one.finished_at} />,
            ],
          ])}
        />
      </Part>
      <Part head={TEXT.presence}>
        <Rows
          label={TEXT.presence}
          columns={[ADMIN.log.columns.at, ADMIN.nodes.presence, ADMIN.jobs.columns.reason]}
          empty={TEXT.no_presence}
          rows={node.presence_changes.map((one, i) => [
            `${one.changed_at} ${i}`,
            [
              <When key="at" at={one.changed_at} absolute />,
              ADMIN.glance.presences[one.state],
              <Reason key="reason" reason={one.reason} />,
            ],
          ])}
        />
      </Part>
    </>
  );
}
