import * as z from 'zod';
import { code, id, instant, microText } from '../scalars.js';
import { route } from './route.js';

export const STATEMENT_PARTS = ['developer', 'owner', 'partner'] as const;
const part = z.enum(STATEMENT_PARTS);
const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'write a month as 2026-11');
const day = z.iso.date();

export const statementLine = z.object({
  day,
  /** What moved the money, and the sentence for it. */
  kind: code,
  text: z.string(),
  /** The job, deposit or payout that it is about. */
  subject: z.string().nullable(),
  /** Signed: what came to you is positive. */
  amount_micro: microText,
});

export const statementHead = z.object({
  /** `<part>-<month>` while the month runs; afterwards the number of the document. */
  statement_id: z.string(),
  part,
  month,
  /** Null while the month runs: the document is made when it is over. */
  number: z.string().nullable(),
  currency: z.string(),
  simulated: z.boolean(),
  opening_micro: microText,
  closing_micro: microText,
  /** Charges of a developer, earnings of an owner, shares of a partner; less what went back. */
  taxable_micro: microText,
  /** Contained in it. */
  tax_micro: microText,
  made_at: instant,
});

export const statement = statementHead.extend({
  issuer: z.object({ name: z.string(), address: z.string(), tax_id: z.string() }),
  person: z.object({ name: z.string(), email: z.string() }),
  tax_basis_points: z.number().int(),
  tax_note: z.string(),
  /** opening + lines = closing, to the micro-unit. */
  lines: z.array(statementLine),
});

const statementParams = z.strictObject({ statement_id: z.string().regex(/^[A-Za-z0-9._-]{3,64}$/) });
const spent = { charged_micro: microText, refunded_micro: microText, promo_micro: microText };

export const statementRoutes = {
  listStatements: route({
    method: 'GET',
    path: '/v1/statements',
    summary: "The caller's statements by part and month, newest first; the running month is the first",
    access: 'person',
    status: 200,
    response: z.object({ statements: z.array(statementHead) }),
  }),
  getStatement: route({
    method: 'GET',
    path: '/v1/statements/:statement_id',
    summary: 'One statement with its lines',
    access: 'person',
    status: 200,
    params: statementParams,
    response: statement,
  }),
  getStatementFile: route({
    method: 'GET',
    path: '/v1/statements/:statement_id/:format',
    summary: 'The same as CSV or PDF',
    access: 'person',
    status: 200,
    params: statementParams.extend({ format: z.enum(['csv', 'pdf']) }),
    response: 'binary',
  }),
  spending: route({
    method: 'GET',
    path: '/v1/spending',
    summary: 'What the caller was charged, by day of UTC and by job; the sums of both are the total',
    access: 'developer',
    status: 200,
    query: z.strictObject({ from: day.optional(), to: day.optional() }),
    response: z.object({
      from: day,
      to: day,
      total: z.object(spent),
      days: z.array(z.object({ day, ...spent })),
      jobs: z.array(z.object({ job_id: id, name: z.string(), ...spent })),
    }),
  }),
} as const;
