-- Whether a node has checks under way is asked for every capture whose holdback is over. By the job alone each of them read all of the job's open
-- checks: 1.6 s for 8,000 captures beside 1,000 checks, 0.17 s with this.
CREATE INDEX result_check_open_node ON result_check (node_id, job_id) WHERE state IN ('WANTED', 'OUT');
