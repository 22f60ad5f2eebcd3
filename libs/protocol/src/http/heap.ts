import * as z from 'zod';
import { route } from './route.js';

export const heapRoutes = {
  heap: route({
    method: 'GET',
    path: '/v1/heap',
    summary: 'The heap at a glance',
    access: 'public',
    status: 200,
    response: z.object({
      name: z.string(),
      version: z.string(),
      protocol: z.string(),
      currency: z.string(),
      simulated_payments: z.boolean(),
      nodes_online: z.number().int(),
      fee_basis_points: z.number().int(),
      /** How long a volume that nobody renewed can be read before its files are deleted. */
      volume_grace_hours: z.number().int(),
    }),
  }),
  live: route({
    method: 'GET',
    path: '/healthz',
    summary: 'The process is up',
    access: 'public',
    status: 200,
    response: z.object({ status: z.literal('ok') }),
  }),
  ready: route({
    method: 'GET',
    path: '/readyz',
    summary: 'The process and what it needs are up; 503 with the reason otherwise',
    access: 'public',
    status: 200,
    response: z.object({ status: z.literal('ok'), database: z.literal('ok') }),
  }),
  openapi: route({
    method: 'GET',
    path: '/openapi.json',
    summary: 'This document',
    access: 'public',
    status: 200,
    response: z.record(z.string(), z.unknown()),
  }),
} as const;
