import * as z from 'zod';
import { PIECE_LIMITS } from '../limits.js';
import { id } from '../scalars.js';
import { route } from './route.js';

/** How pieces come to nodes and from them. */
export const pieceRoutes = {
  takePiece: route({
    method: 'GET',
    path: '/v1/pieces/:transfer_id',
    summary: 'The bytes that the device was told to keep',
    access: 'node',
    status: 200,
    params: z.strictObject({ transfer_id: id }),
    response: 'binary',
  }),
  bringPiece: route({
    method: 'PUT',
    path: '/v1/pieces/:transfer_id',
    summary: 'The bytes of a piece that the device was asked for',
    access: 'node',
    status: 204,
    params: z.strictObject({ transfer_id: id }),
    body: 'stream',
    body_bytes_max: PIECE_LIMITS.piece_bytes,
  }),
} as const;
