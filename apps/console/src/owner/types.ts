import type { AnswerOf } from '../http/use-heap.js';

export type OwnNode = AnswerOf<'/v1/nodes', 'get'>['nodes'][number];
export type Earnings = AnswerOf<'/v1/earnings', 'get'>;

/** What is asked anew after a deed on devices. */
export const NODES_STALE = ['/v1/nodes', '/v1/nodes/{node_id}', '/v1/nodes/{node_id}/rules'] as const;
export type NodeRules = AnswerOf<'/v1/nodes/{node_id}/rules', 'get'>;
