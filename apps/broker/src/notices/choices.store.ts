import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { NoticeChannel, NoticeGroup, QuietHours } from '#protocol';

export interface Choice {
  group: NoticeGroup;
  channel: NoticeChannel;
  on: boolean;
}

/** What people chose. */
@Injectable()
export class ChoicesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Quiet hours stay where they are `undefined`. */
  async put(person_id: string, choices: readonly Choice[], quiet: QuietHours | null | undefined): Promise<void> {
    await this.database.inTransaction(async (tx) => {
      // The last word on a group and channel counts; one statement may name each once.
      const last = [...new Map(choices.map((choice) => [`${choice.group} ${choice.channel}`, choice])).values()];
      await tx.query(
        `INSERT INTO notice_choice (person_id, notice_group, channel, "on")
         SELECT $1, * FROM unnest($2::text[], $3::text[], $4::boolean[])
         ON CONFLICT (person_id, notice_group, channel) DO UPDATE SET "on" = excluded."on"`,
        [person_id, last.map((c) => c.group), last.map((c) => c.channel), last.map((c) => c.on)],
      );
      if (quiet === null) await tx.query('DELETE FROM quiet_hours WHERE person_id = $1', [person_id]);
      if (quiet)
        await tx.query(
          `INSERT INTO quiet_hours (person_id, from_minute, until_minute, time_zone) VALUES ($1, $2, $3, $4)
           ON CONFLICT (person_id) DO UPDATE SET from_minute = excluded.from_minute, until_minute = excluded.until_minute, time_zone = excluded.time_zone`,
          [person_id, quiet.from_minute, quiet.until_minute, quiet.time_zone],
        );
    });
  }
}
