import { HeapError } from '#units';

export interface ServerSentEvent {
  event: string;
  data: string;
  /** The last id seen on the stream, or null. */
  id: string | null;
}

const EVENT_CHARACTERS_MAX = 8 * 1024 * 1024;

/** Parses text/event-stream (WHATWG HTML, 9.2.6) as it arrives; `push` returns the events that the chunk completed. */
export class EventParser {
  #rest = '';
  #event = '';
  #data: string[] = [];
  #id: string | null = null;
  #started = false;

  push(chunk: string): ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    let text = this.#rest + chunk;
    if (!this.#started && text.length > 0) {
      this.#started = true;
      if (text.startsWith('\uFEFF')) text = text.slice(1);
    }
    // A carriage return at the very end may be half of a line break.
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > EVENT_CHARACTERS_MAX)
      throw new HeapError('unexpected_answer', 'The heap sent an event larger than 8 MiB.', 'platform');
    for (const line of lines) {
      const event = this.#line(line);
      if (event) events.push(event);
    }
    return events;
  }

  #line(line: string): ServerSentEvent | null {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'event') this.#event = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    return null;
  }

  #dispatch(): ServerSentEvent | null {
    const event = this.#data.length ? { event: this.#event || 'message', data: this.#data.join('\n'), id: this.#id } : null;
    this.#event = '';
    this.#data = [];
    return event;
  }
}

/** The events of a response. Ends when the stream ends; throws HeapError `silent` when not a byte, not even a comment, arrives for `idle_ms`. */
export async function* readEvents(response: Response, idle_ms: number): AsyncGenerator<ServerSentEvent, void, void> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const parser = new EventParser();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      // Counts only while we read: a slow consumer is no silent heap.
      const silence = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new HeapError('silent', `No event for ${idle_ms} ms.`, 'platform')), idle_ms);
      });
      const { done, value } = await Promise.race([reader.read(), silence]).finally(() => clearTimeout(timer));
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
