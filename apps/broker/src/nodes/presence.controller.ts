import { Controller, Headers, type StreamableFile } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { Endpoint } from '../platform/http/endpoint.js';
import { eventStream } from '../platform/http/event-stream.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { PresenceService } from './presence.service.js';

@Controller()
export class PresenceController {
  constructor(private readonly presence: PresenceService) {}

  /** A `snapshot` unless the caller says what it has seen, then `presence` with each change; ids are numbers of changes. */
  @Endpoint(ROUTES.streamPresence)
  stream(
    @CallerParam() caller: Caller,
    @Input() { query }: InputOf<typeof ROUTES.streamPresence>,
    @Headers('last-event-id') last_event_id: string | undefined,
  ): StreamableFile {
    const { person_id, roles } = personOf(caller);
    const seen = /^\d{1,18}$/.test(last_event_id ?? '') ? last_event_id : query.after;
    const everybody = query.all === 'true' && roles.includes('admin');
    return eventStream((signal) => this.presence.follow(everybody ? null : person_id, seen === undefined ? null : BigInt(seen), signal));
  }
}
