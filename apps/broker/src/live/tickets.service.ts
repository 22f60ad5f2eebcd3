import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LIVE_LIMITS } from '#protocol';
import { LiveStore, type TicketHolder } from './live.store.js';

const TICKET_BYTES = 32;

const hashOf = (ticket: string): Buffer => createHash('sha256').update(ticket).digest();

/** One-time tickets of 256 bits, which carry who somebody is from a request to a socket; only their hashes are kept. */
@Injectable()
export class LiveTickets {
  constructor(private readonly store: LiveStore) {}

  async create(holder: TicketHolder): Promise<{ ticket: string; expires_at: Date }> {
    const ticket = randomBytes(TICKET_BYTES).toString('base64url');
    return { ticket, expires_at: await this.store.insert(hashOf(ticket), holder, LIVE_LIMITS.ticket_ms) };
  }

  /** @returns null for a ticket that opens nothing (any more). */
  take(ticket: string): Promise<TicketHolder | null> {
    return this.store.take(hashOf(ticket));
  }
}
