import { Injectable } from '@nestjs/common';
import type { Body, WireBody } from '#protocol';
import { Gathered } from '../platform/gathered.js';
import { DeviceLifeStore } from './device-life.store.js';
import { wishFor } from './owner-words.js';
import { OwnerWordsStore, type Report, type WordRow } from './owner-words.store.js';

type Wish = { node_id: string; wish: WireBody<'wish'> };

const TOGETHER_MAX = 200;
const UNHEARD_MAX = 500;

const wishesOf = (words: readonly WordRow[]): Wish[] =>
  words.flatMap((word) => {
    const wish = wishFor(word);
    return wish ? [{ node_id: word.node_id, wish }] : [];
  });

/** What devices say of their owners' words, and what is to be said to them. */
@Injectable()
export class OwnerWordsCommands {
  private readonly reports: Gathered<Report, WireBody<'wish'> | null>;

  constructor(
    private readonly store: OwnerWordsStore,
    private readonly life: DeviceLifeStore,
  ) {
    this.reports = new Gathered({
      most: TOGETHER_MAX,
      key: ({ node_id }) => node_id,
      serve: async (reports) => {
        const wishes = new Map(wishesOf(await store.heard(reports)).map(({ node_id, wish }) => [node_id, wish]));
        return reports.map(({ node_id }) => wishes.get(node_id) ?? null);
      },
    });
  }

  /** A device says what is in force on it. @returns what the heap knows better. */
  report(node_id: string, session_epoch: number, said: Body<'owner'>): Promise<WireBody<'wish'> | null> {
    return this.reports.ask({ node_id, session_epoch, said });
  }

  async wishes(node_ids: readonly string[]): Promise<Wish[]> {
    return node_ids.length === 0 ? [] : wishesOf(await this.store.of(node_ids));
  }

  /** What devices at this gateway have not confirmed. */
  async unheard(gateway_id: string): Promise<Wish[]> {
    return wishesOf(await this.store.unheard(gateway_id, UNHEARD_MAX));
  }

  gaveBack(node_id: string, given: Body<'given'>): Promise<void> {
    return this.life.gaveBack(node_id, given);
  }
}
