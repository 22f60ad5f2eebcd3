-- A wrong result costs its own charge and not its whole capture: a capture in its holdback may have given a part back.
ALTER TABLE capture ADD COLUMN refunded_partner BIGINT NOT NULL DEFAULT 0;
UPDATE capture SET refunded_partner = partner WHERE state = 'REFUNDED';
UPDATE capture c SET refunded_partner = r.amount
FROM (SELECT (j.refs->>'capture_id')::uuid AS id, sum(e.amount) AS amount
      FROM journal j JOIN journal_entry e ON e.journal_id = j.id JOIN ledger_account a ON a.id = e.account_id AND a.code = 2100
      JOIN capture s ON s.id = (j.refs->>'capture_id')::uuid AND s.partner_id = a.person_id AND s.partner_id <> s.owner_id
      WHERE j.kind = 'refund' AND s.state = 'SPLIT' GROUP BY 1) AS r
WHERE r.id = c.id;
ALTER TABLE capture DROP CONSTRAINT capture_refunded;
ALTER TABLE capture ADD CONSTRAINT capture_refunded CHECK (refunded BETWEEN 0 AND gross AND refunded_net BETWEEN 0 AND net
  AND refunded_partner BETWEEN 0 AND partner AND refunded - refunded_net - refunded_partner BETWEEN 0 AND fee
  AND CASE state WHEN 'REFUNDED' THEN refunded = gross WHEN 'SPLIT' THEN refunded > 0 AND refunded < gross
    WHEN 'RELEASED' THEN refunded = 0 ELSE refunded < gross END);
