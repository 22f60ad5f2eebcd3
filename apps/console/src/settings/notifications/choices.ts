import type { AnswerOf } from '../../http/use-heap.js';

export type Choices = AnswerOf<'/v1/notices/choices', 'get'>;
export const CHOICES = '/v1/notices/choices';
