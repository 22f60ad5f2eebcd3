import * as z from 'zod';
import { instant } from '../scalars.js';
import { route } from './route.js';

export const liveRoutes = {
  createLiveTicket: route({
    method: 'POST',
    path: '/v1/live/tickets',
    summary: 'A ticket for one socket at /v1/live, good for 30 seconds; it hears as the caller and ends with the credentials',
    access: 'person',
    status: 201,
    response: z.object({ ticket: z.string(), expires_at: instant }),
  }),
} as const;
