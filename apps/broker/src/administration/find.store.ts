import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { ResponseOf, ROUTES } from '#protocol';

type Kind = ResponseOf<typeof ROUTES.find>['found'][number]['kind'];

export interface FoundRow {
  kind: Kind;
  id: string;
  title: string;
  /** The page that shows it, or what it is part of. */
  page: string;
}

/** By id: what a row is called, and its page. All are looked up by the key of their table. */
const BY_ID: readonly (readonly [kind: Kind, from: string, title: string, page: string, key?: string])[] = [
  ['node', 'node', "t.name || ', ' || t.kind", "'/admin/nodes/' || t.id"],
  ['person', 'person', "t.name || ', ' || t.email", "'/admin/people/' || t.id"],
  ['job', 'job', "t.name || ', ' || lower(t.state::text)", "'/admin/jobs/' || t.id"],
  ['lease', 'lease', "t.slot_class || ' slot, ' || lower(t.state::text)", "'/admin/nodes/' || t.node_id"],
  ['round', 'round', "t.market || ', round ' || t.number", "'/market/' || t.market || '/rounds/' || t.id"],
  ['payout', 'payout', "'payout, ' || lower(t.state::text)", "'/admin/people/' || t.person_id"],
  ['deposit', 'deposit', "'deposit, ' || lower(t.state::text)", "'/admin/people/' || t.person_id"],
  ['refund', 'deposit_refund', "'refund, ' || lower(t.state::text)", "'/admin/people/' || t.person_id"],
  ['dispute', 'payment_dispute', "'disputed payment, ' || lower(t.state::text)", "'/admin/people/' || t.person_id"],
  ['manual_journal', 'manual_journal', "t.reason || ', ' || lower(t.state)", "'/admin/money'"],
  ['capture', 'capture', "t.tasks || ' results charged, ' || lower(t.state::text)", "'/admin/jobs/' || t.job_id"],
  ['objection', 'objection', "'objection, ' || lower(t.state::text)", "'/admin/objections'"],
  ['penalty', 'penalty', "t.kind || ', ' || lower(t.state::text)", "'/admin/nodes/' || t.node_id"],
  ['check', 'result_check', "'check of a result, ' || lower(t.state::text)", "'/admin/nodes/' || t.node_id"],
  ['reservation', 'reservation', "'reservation in ' || t.market || ', ' || lower(t.state::text)", "'/admin/people/' || t.person_id"],
  ['kept_lease', 'kept_lease', "'lease in ' || t.market || ', ' || lower(t.state::text)", "'/admin/nodes/' || t.node_id"],
  ['alert', 'heap_alert', 't.sentence', "'/admin'"],
  ['partner_link', 'partner_link', "'enrolment link of a partner'", "'/admin/people/' || t.person_id"],
  ['statement', 'statement', "'statement ' || t.number", "'/admin/people/' || t.person_id"],
];

const FOUND_MAX = 20;

/** What an id, a hash or a name is. */
@Injectable()
export class FindStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  private async read(sql: string, values: readonly unknown[]): Promise<FoundRow[]> {
    return (await this.database.query<FoundRow>(sql, values)).rows;
  }

  byId(id: string): Promise<FoundRow[]> {
    const parts = BY_ID.map(
      ([kind, from, title, page]) =>
        `SELECT '${kind}' AS kind, t.id::text AS id, (${title})::text AS title, (${page})::text AS page FROM "${from}" t WHERE t.id = $1`,
    );
    return this.read(parts.join(' UNION ALL '), [id]);
  }

  task(job_id: string, index: number): Promise<FoundRow[]> {
    return this.read(
      `SELECT 'task' AS kind, job_id || '/' || index AS id, 'task ' || index || ', ' || lower(state::text) AS title, '/admin/jobs/' || job_id AS page
       FROM task WHERE job_id = $1 AND index = $2`,
      [job_id, index],
    );
  }

  byHash(hash: string): Promise<FoundRow[]> {
    return this.read(
      `SELECT 'round' AS kind, id::text AS id, market || ', round ' || number AS title, '/market/' || market || '/rounds/' || id AS page FROM round WHERE hash = $1
       UNION ALL SELECT 'module', hash, kind || ' module', '/admin/jobs?q=' || hash FROM module WHERE hash = $1
       UNION ALL SELECT 'blob', hash, bytes || ' bytes', '/admin' FROM blob WHERE hash = $1
       UNION ALL SELECT 'log_line', seq::text, action || ' on ' || subject, '/admin/log?seq=' || seq FROM admin_log WHERE hash = decode($1, 'hex')`,
      [hash],
    );
  }

  byNumber(number: string): Promise<FoundRow[]> {
    return this.read(
      `SELECT 'journal' AS kind, id::text AS id, kind || ', ' || key AS title, '/admin/money' AS page FROM journal WHERE id = $1::bigint
       UNION ALL SELECT 'log_line', seq::text, action || ' on ' || subject, '/admin/log?seq=' || seq FROM admin_log WHERE seq = $1::bigint`,
      [number],
    );
  }

  /** Parts of names and addresses, beginnings of ids. */
  byText(text: string): Promise<FoundRow[]> {
    const like = text.replace(/[\\%_]/g, '\\$&');
    return this.read(
      `(SELECT 'person' AS kind, id::text AS id, name || ', ' || email AS title, '/admin/people/' || id AS page FROM person
         WHERE email ILIKE $1 OR name ILIKE $1 OR id::text LIKE $2 ORDER BY created_at DESC LIMIT ${FOUND_MAX})
       UNION ALL (SELECT 'node', id::text, name || ', ' || kind, '/admin/nodes/' || id FROM node
         WHERE name ILIKE $1 OR id::text LIKE $2 ORDER BY last_seen_at DESC NULLS LAST LIMIT ${FOUND_MAX})
       UNION ALL (SELECT 'job', id::text, name || ', ' || lower(state::text), '/admin/jobs/' || id FROM job
         WHERE state IN ('QUEUED', 'RUNNING') AND (name ILIKE $1 OR id::text LIKE $2) ORDER BY id DESC LIMIT ${FOUND_MAX})
       UNION ALL (SELECT 'journal', id::text, kind || ', ' || key, '/admin/money' FROM journal WHERE key = $3)`,
      [`%${like}%`, `${like.toLowerCase()}%`, text],
    );
  }
}
