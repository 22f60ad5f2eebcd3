import { Injectable } from '@nestjs/common';
import { FindStore, type FoundRow } from './find.store.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TASK = /^([0-9a-f-]{36})[/#](\d{1,9})$/;
const SHA256 = /^[0-9a-f]{64}$/;
const NUMBER = /^\d{1,18}$/;

/** Tells by its form what somebody looks for. */
@Injectable()
export class FindService {
  constructor(private readonly store: FindStore) {}

  async find(q: string): Promise<FoundRow[]> {
    const text = q.trim();
    const word = text.toLowerCase();
    if (UUID.test(word)) return this.store.byId(word);
    const [, job_id, index] = TASK.exec(word) ?? [];
    if (job_id !== undefined && UUID.test(job_id)) return this.store.task(job_id, Number(index));
    if (SHA256.test(word)) return this.store.byHash(word);
    const numbered = NUMBER.test(word) ? await this.store.byNumber(word) : [];
    return numbered.length > 0 ? numbered : this.store.byText(text);
  }
}
