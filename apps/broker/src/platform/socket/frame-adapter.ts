import { WsAdapter } from '@nestjs/platform-ws';

type Bind = WsAdapter['bindMessageHandlers'];

/** A gateway that reads its frames itself subscribes to no events; Nest would still parse each frame, in vain. */
export class FrameAdapter extends WsAdapter {
  override bindMessageHandlers(...[client, handlers, transform]: Parameters<Bind>): ReturnType<Bind> {
    if (handlers.length > 0) super.bindMessageHandlers(client, handlers, transform);
  }
}
