import type { AnswerOf } from '../http/use-heap.js';

export type Glance = AnswerOf<'/v1/admin/glance', 'get'>;
export type Node = AnswerOf<'/v1/admin/nodes/{node_id}', 'get'>;
export type Person = AnswerOf<'/v1/admin/people/{person_id}', 'get'>;
export type Solvency = AnswerOf<'/v1/admin/solvency', 'get'>;
