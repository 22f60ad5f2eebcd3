import * as z from 'zod';
import { code } from '../scalars.js';

/** RFC 9457 problem details, with our typed code, the party at fault and the request's id. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code,
  fault: z.enum(['user', 'owner', 'developer', 'platform', 'provider']),
  request_id: z.string(),
  details: z.record(z.string(), z.unknown()).optional(),
});
export type Problem = z.output<typeof problem>;
export const PROBLEM_CONTENT_TYPE = 'application/problem+json';
