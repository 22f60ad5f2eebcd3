import { Controller, Req, StreamableFile } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, nodeOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import type { HeapRequest } from '../platform/http/request.js';
import { TransfersService } from './transfers.service.js';

/** Where devices fetch and bring the bytes of pieces. */
@Controller()
export class PiecesController {
  constructor(private readonly transfers: TransfersService) {}

  @Endpoint(ROUTES.takePiece)
  async take(
    @CallerParam() caller: Caller,
    @Input() { params }: InputOf<typeof ROUTES.takePiece>,
  ): Promise<Answer<typeof ROUTES.takePiece>> {
    const { bytes, stream } = await this.transfers.take(nodeOf(caller).node_id, params.transfer_id);
    return new StreamableFile(stream, { length: bytes });
  }

  @Endpoint(ROUTES.bringPiece)
  bring(
    @CallerParam() caller: Caller,
    @Req() request: HeapRequest,
    @Input() { params, body }: InputOf<typeof ROUTES.bringPiece>,
  ): Promise<Answer<typeof ROUTES.bringPiece>> {
    const said = request.headers['content-length'];
    return this.transfers.bring(nodeOf(caller).node_id, params.transfer_id, said === undefined ? undefined : Number(said), body);
  }
}
