/** What a commitment hides: an execution of a task and what it came to. The node is in it, so that nobody can commit to what another committed to. */
export interface Committed {
  readonly job_id: string;
  readonly index: number;
  readonly epoch: number;
  readonly node_id: string;
  /** 128 random bits: without them a small output could be guessed from its commitment. */
  readonly nonce: string;
  readonly verdict: string;
  readonly exit_code: number | null;
  readonly output_hash: string;
  readonly fuel_used: number | bigint;
}

/** The text whose SHA-256 is the commitment; no field can contain the line feed that separates them. */
export const commitmentText = (c: Committed): string =>
  [
    'open-heaps-commitment-1',
    c.job_id,
    c.index,
    c.epoch,
    c.node_id,
    c.nonce,
    c.verdict,
    c.exit_code ?? '',
    c.output_hash,
    c.fuel_used,
  ].join('\n');
