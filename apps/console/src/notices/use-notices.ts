import { type AnswerOf, useHeap } from '../http/use-heap.js';

export type Notices = AnswerOf<'/v1/notices', 'get'>;
export type Notice = Notices['notices'][number];

/** The newest notices and how many are unread, live. */
export const useNotices = (limit = 20) => useHeap('/v1/notices', { params: { query: { limit } } }, { topics: ['notices'] });
