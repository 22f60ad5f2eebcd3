import { Injectable } from '@nestjs/common';
import { durability, LIMITS } from '#placement';
import { PIECE_STATES, type ResponseOf, type ROUTES } from '#protocol';
import { VOLUME_CODES } from '#units';
import { HealthStore } from './health.store.js';
import { storageUnknown } from './volumes.errors.js';
import { VolumesService } from './volumes.service.js';

type VolumeHealth = ResponseOf<typeof ROUTES.getVolume>;
type NodeStorageView = ResponseOf<typeof ROUTES.getNodeStorage>;

/** How volumes and devices that keep them are, for their owners. */
@Injectable()
export class HealthService {
  constructor(
    private readonly store: HealthStore,
    private readonly volumes: VolumesService,
  ) {}

  async ofVolume(person_id: string, volume_id: string): Promise<VolumeHealth> {
    const row = await this.volumes.row(person_id, volume_id);
    const { k, repair_at } = VOLUME_CODES[row.class];
    const [view, counts, audits, segments, strains] = await Promise.all([
      this.volumes.view(row),
      this.store.pieces(volume_id),
      this.store.audits(volume_id),
      this.store.segments(volume_id, k),
      this.store.strains(volume_id, LIMITS[row.class]),
    ]);
    const { least, least_always_on, ...states } = segments;
    const { sentence, assumptions, doubts } = durability({
      class: row.class,
      segments: states.stored,
      least_there: least?.available ?? 0,
      least_always_on,
      strains,
    });
    return {
      ...view,
      pieces: Object.fromEntries(
        PIECE_STATES.map((state) => [state, counts.find((one) => one.state === state)?.count ?? 0]),
      ) as VolumeHealth['pieces'],
      least: least && { ...least, above_k: least.available - k, above_repair: least.available - repair_at },
      segments: states,
      audited_at: audits.audited_at?.toISOString() ?? null,
      oldest_audit_at: audits.oldest_audit_at?.toISOString() ?? null,
      repaired_bytes: Number(row.repaired_bytes),
      durability: { sentence, assumptions: [...assumptions], doubts: [...doubts] },
    };
  }

  async ofNode(owner_id: string, node_id: string): Promise<NodeStorageView> {
    const row = await this.store.node(node_id, owner_id);
    if (!row) throw storageUnknown();
    return {
      node_id,
      quota:
        row.said_at === null
          ? null
          : { held: Number(row.held), bytes: Number(row.bytes), free_bytes: Number(row.free_bytes), said_at: row.said_at.toISOString() },
      pieces: row.pieces,
      bytes: Number(row.kept_bytes),
      volumes: row.volumes,
      people: row.people,
      earned_micro: String(row.earned_micro),
      audits: {
        passed: Number(row.passed),
        failed: Number(row.failed),
        unanswered: Number(row.unanswered),
        last_at: row.audited_at?.toISOString() ?? null,
      },
      scores: { corruption: row.corruption_score, online: row.online_score },
      vetted_at: row.vetted_at?.toISOString() ?? null,
      leaving: row.leaving,
    };
  }
}
