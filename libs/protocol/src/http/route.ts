import type { z } from 'zod';

export type Role = 'owner' | 'developer' | 'admin';
/** Who may call: nobody in particular, any signed-in person, a person with a role, or a node's session token. */
export type Access = 'public' | 'person' | Role | 'node' | 'person-or-node';

/**
 * One HTTP endpoint as data. The broker's controllers take their path, schemas and status from it, `/openapi.json` is
 * made of it, and the SDK's types are inferred from it, so that the three cannot drift apart.
 */
export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With `:name` parameters, below the origin. */
  path: string;
  summary: string;
  access: Access;
  status: number;
  params?: z.ZodType;
  query?: z.ZodType;
  /**
   * A JSON body; `binary` for application/octet-stream, `stream` for the same where the broker reads it bit by bit, `signed` for JSON whose text is needed as it came, to check its signature, `form` for
   * what mail programs post: anything or nothing, which is not looked at.
   */
  body?: z.ZodType | 'binary' | 'stream' | 'signed' | 'form';
  /** The most a binary body may have, where that is less than a blob; more is refused before it is read. */
  body_bytes_max?: number;
  response?: z.ZodType | 'binary' | 'event-stream';
  /** Requests that cost money take an Idempotency-Key header. */
  idempotent?: boolean;
}

export const route = <const R extends Route>(definition: R): R => definition;

type Output<T> = T extends z.ZodType ? z.output<T> : never;
type Input<T> = T extends z.ZodType ? z.input<T> : never;
export type BodyOf<R extends Route> = Output<R['body']>;
export type QueryOf<R extends Route> = Output<R['query']>;
export type ParamsOf<R extends Route> = Output<R['params']>;
/** What a client sends and what it gets back. */
export type RequestBody<R extends Route> = Input<R['body']>;
export type ResponseOf<R extends Route> = Output<R['response']>;
