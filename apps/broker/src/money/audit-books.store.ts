/** What the rows of the business and the journal must say of each other. Each query finds breaches as (subject, detail). */
export const BOOKS_FINDINGS = {
  // Holds given back more than once, or resolved while their job lives, or open after it ended.
  I5: `SELECT 'hold ' || h.id AS subject, 'it is ' || h.state || ' while its job is ' || j.state || '.' AS detail
    FROM hold h JOIN job j ON j.id = h.job_id WHERE (h.state = 'HELD') <> (j.state IN ('QUEUED', 'RUNNING'))
    UNION ALL
    SELECT 'hold ' || h.id, 'it is ' || h.state || ' while its reservation is ' || r.state || '.'
    FROM hold h JOIN reservation r ON r.id = h.job_id WHERE (h.state = 'HELD') <> (r.state IN ('WAITING', 'RUNNING'))
    UNION ALL
    SELECT 'hold ' || h.id, 'it is ' || h.state || ' while the job of its verifier is ' || j.state || '.'
    FROM hold h JOIN own_verifier v ON v.id = h.job_id JOIN job j ON j.id = v.job_id WHERE (h.state = 'HELD') <> (j.state IN ('QUEUED', 'RUNNING'))
    UNION ALL
    SELECT 'hold ' || split_part(key, ':', 2), 'it was given back ' || count(*) || ' times.' FROM journal
    WHERE kind IN ('return', 'void') GROUP BY split_part(key, ':', 2) HAVING count(*) > 1`,

  // The parts of each hold and capture; and what jobs, leases, attempts, captures and journals say of the same charge.
  I6: `SELECT 'hold ' || id AS subject, captured || ' captured + ' || returned || ' returned of ' || amount || '.' AS detail FROM hold
    WHERE captured + returned > amount OR captured < 0 OR returned < 0 OR (state = 'RESOLVED' AND captured + returned <> amount)
    UNION ALL
    SELECT 'capture ' || c.id, 'its ' || c.gross || ' are ' || c.state || ', its journals say ' || COALESCE(m.captured, 0) || ' captured, '
      || COALESCE(m.released, 0) || ' released, ' || COALESCE(m.refunded, 0) || ' refunded.'
    FROM capture c LEFT JOIN (
      SELECT j.refs->>'capture_id' AS id, sum(e.amount) FILTER (WHERE j.kind = 'capture' AND e.amount > 0) AS captured,
        sum(e.amount) FILTER (WHERE j.kind = 'release' AND e.amount > 0) AS released,
        sum(e.amount) FILTER (WHERE j.kind = 'refund' AND a.code IN (2100, 2400, 2150)) AS refunded
      FROM journal j JOIN journal_entry e ON e.journal_id = j.id JOIN ledger_account a ON a.id = e.account_id
      WHERE j.kind IN ('capture', 'release', 'refund') GROUP BY 1) AS m ON m.id = c.id::text
    WHERE m.captured IS DISTINCT FROM c.gross
       OR COALESCE(m.released, 0) + COALESCE(m.refunded, 0) <> CASE WHEN c.state::text IN ('CAPTURED', 'DISPUTED') THEN c.refunded ELSE c.gross END
    UNION ALL
    SELECT 'job ' || j.id, 'job ' || j.charged_micro || ', hold ' || h.captured || ', leases ' || COALESCE(l.charged, 0) || ', attempts '
      || COALESCE(a.charged, 0) || ', captures ' || COALESCE(c.gross, 0) || '.'
    FROM job j JOIN hold h ON h.job_id = j.id
    LEFT JOIN (SELECT job_id, sum(charged_micro) AS charged FROM lease GROUP BY job_id) l ON l.job_id = j.id
    LEFT JOIN (SELECT job_id, sum(charge_micro) AS charged FROM attempt GROUP BY job_id) a ON a.job_id = j.id
    LEFT JOIN (SELECT job_id, sum(gross) AS gross FROM capture GROUP BY job_id) c ON c.job_id = j.id
    WHERE h.captured <> j.charged_micro OR COALESCE(l.charged, 0) <> j.charged_micro OR COALESCE(a.charged, 0) <> j.charged_micro
       OR COALESCE(c.gross, 0) <> j.charged_micro
    UNION ALL
    SELECT 'verifier ' || v.id, 'verifier ' || v.charged || ', hold ' || h.captured || ', journals ' || COALESCE(m.amount, 0) || '.'
    FROM own_verifier v JOIN hold h ON h.job_id = v.id LEFT JOIN (
      SELECT j.refs->>'hold_id' AS hold_id, sum(e.amount) AS amount FROM journal j JOIN journal_entry e ON e.journal_id = j.id AND e.amount > 0
      WHERE j.kind = 'verifier.charged' GROUP BY 1) AS m ON m.hold_id = h.id::text
    WHERE h.captured <> v.charged OR COALESCE(m.amount, 0) <> v.charged OR h.amount <> v.budget
    UNION ALL
    SELECT 'reservation ' || r.id, 'reservation ' || r.charged_micro || ', hold ' || h.captured || ', leases ' || COALESCE(l.charged, 0) || ', captures '
      || COALESCE(c.gross, 0) || ', reserved ' || r.reserved_micro || ' for ' || COALESCE(l.open, 0) || '.'
    FROM reservation r JOIN hold h ON h.job_id = r.id
    LEFT JOIN (SELECT reservation_id, sum(charged_micro) AS charged, sum(limit_micro - charged_micro) FILTER (WHERE state <> 'ENDED') AS open
               FROM kept_lease GROUP BY reservation_id) l ON l.reservation_id = r.id
    LEFT JOIN (SELECT job_id, sum(gross) AS gross FROM capture GROUP BY job_id) c ON c.job_id = r.id
    WHERE h.captured <> r.charged_micro OR COALESCE(l.charged, 0) <> r.charged_micro OR COALESCE(c.gross, 0) <> r.charged_micro
       OR COALESCE(l.open, 0) <> r.reserved_micro
    LIMIT 100`,

  I7: `SELECT 'task ' || a.index || ' of job ' || a.job_id AS subject, 'attempt ' || a.epoch || ' is paid, and the task is at ' || t.epoch || '.' AS detail
    FROM attempt a JOIN task t ON t.job_id = a.job_id AND t.index = a.index
    WHERE a.charge_micro > 0 AND (a.outcome::text NOT IN ('accepted', 'checked') OR a.outcome = 'accepted' AND a.epoch <> t.epoch)
    UNION ALL
    SELECT 'task ' || a.index || ' of job ' || a.job_id, 'attempt ' || a.epoch || ' is paid as a replica that nobody ordered.'
    FROM attempt a WHERE a.outcome::text = 'checked' AND a.charge_micro > 0 AND NOT EXISTS (
      SELECT 1 FROM result_check c WHERE c.job_id = a.job_id AND c.index = a.index AND c.epoch = a.epoch AND c.lease_id = a.lease_id AND c.awaited)
    UNION ALL
    SELECT 'task ' || index || ' of job ' || job_id, count(*) || ' results of it are paid.' FROM attempt
    WHERE outcome = 'accepted' GROUP BY job_id, index HAVING count(*) > 1
    UNION ALL
    SELECT 'index i7_attempt_accepted', 'it is missing.'
    WHERE NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indexrelid = to_regclass('i7_attempt_accepted') AND i.indisunique AND i.indisvalid)
    LIMIT 100`,

  // Work of a cluster for itself that is not marked so, and owners to whom more was released than others paid them for. The cluster is
  // the account as long as nothing else is known.
  I9: `SELECT 'capture ' || c.id AS subject, 'its buyer owns the node, and it is not marked as own use.' AS detail
    FROM capture c JOIN hold h ON h.id = c.hold_id WHERE h.person_id = c.owner_id AND NOT c.own_use
    UNION ALL
    SELECT 'owner ' || a.person_id, 'was released ' || sum(-e.amount) || ', earned by others'' work ' || COALESCE(max(p.net), 0) || '.'
    FROM journal j JOIN journal_entry e ON e.journal_id = j.id JOIN ledger_account a ON a.id = e.account_id AND a.code IN (2110, 2120)
    LEFT JOIN (SELECT owner_id, sum(net - refunded_net) AS net FROM capture WHERE state::text IN ('RELEASED', 'SPLIT') AND NOT own_use GROUP BY owner_id) p
      ON p.owner_id = a.person_id
    WHERE j.kind = 'release' GROUP BY a.person_id HAVING sum(-e.amount) > COALESCE(max(p.net), 0) LIMIT 100`,

  // States and balances as the journal alone tells them.
  I12: `SELECT 'account ' || a.id AS subject, 'a rebuild gives ' || COALESCE(sum(e.amount), 0) || ' after ' || COALESCE(max(e.seq), 0) || ' entries.' AS detail
    FROM ledger_account a LEFT JOIN journal_entry e ON e.account_id = a.id GROUP BY a.id
    HAVING a.balance <> COALESCE(sum(e.amount), 0) OR a.seq <> COALESCE(max(e.seq), 0)
    UNION ALL
    SELECT 'hold ' || COALESCE(h.id::text, m.id), 'it is ' || COALESCE(h.state::text, 'nowhere') || ', the journal holds ' || COALESCE(m.open, 0) || ' for it.'
    FROM hold h FULL JOIN (
      SELECT j.refs->>'hold_id' AS id, -sum(e.amount) AS open
      FROM journal j JOIN journal_entry e ON e.journal_id = j.id JOIN ledger_account a ON a.id = e.account_id AND a.code = 2010
      WHERE j.refs ? 'hold_id' GROUP BY 1) AS m ON m.id = h.id::text
    WHERE COALESCE(m.open, 0) <> CASE WHEN h.state = 'HELD' THEN h.amount - h.captured ELSE 0 END
    UNION ALL
    SELECT 'capture ' || COALESCE(c.id::text, m.id), 'it is ' || COALESCE(c.state::text, 'nowhere') || ', the journal says ' || m.state || '.'
    FROM capture c FULL JOIN (
      SELECT refs->>'capture_id' AS id, CASE WHEN bool_or(kind = 'release') AND bool_or(kind = 'refund') THEN 'SPLIT' WHEN bool_or(kind = 'release') THEN 'RELEASED'
        WHEN bool_or(kind = 'refund') THEN 'REFUNDED' ELSE 'CAPTURED' END AS state
      FROM journal WHERE kind IN ('capture', 'release', 'refund') AND refs ? 'capture_id' GROUP BY 1) AS m ON m.id = c.id::text
    WHERE m.state IS DISTINCT FROM CASE WHEN c.state::text NOT IN ('CAPTURED', 'DISPUTED') THEN c.state::text WHEN c.refunded > 0 THEN 'REFUNDED'
      ELSE 'CAPTURED' END
    UNION ALL
    SELECT 'check pay ' || COALESCE(p.check_id::text, m.id), 'it is ' || COALESCE(p.state::text || ' with ' || p.amount, 'nowhere') || ', the journal says '
      || COALESCE(m.state || ' with ' || m.amount, 'nothing') || '.'
    FROM check_pay p FULL JOIN (
      SELECT j.refs->>'check_id' AS id, CASE WHEN bool_or(j.kind = 'verification.released') THEN 'RELEASED'
        WHEN bool_or(j.kind = 'verification.voided') THEN 'VOIDED' ELSE 'HELD' END AS state,
        sum(e.amount) FILTER (WHERE j.kind IN ('verification.paid', 'verification.overturned') AND e.amount > 0) AS amount
      FROM journal j JOIN journal_entry e ON e.journal_id = j.id
      WHERE j.kind IN ('verification.paid', 'verification.overturned', 'verification.released', 'verification.voided') AND j.refs ? 'check_id' GROUP BY 1) AS m ON m.id = p.check_id::text
    WHERE (m.state, m.amount) IS DISTINCT FROM (p.state::text, p.amount)
    UNION ALL
    SELECT 'payout ' || COALESCE(p.id::text, m.id), 'it is ' || COALESCE(p.state::text, 'nowhere') || ', the journal says ' || COALESCE(m.state, 'nothing') || '.'
    FROM payout p FULL JOIN (
      SELECT refs->>'payout_id' AS id, CASE WHEN bool_or(kind IN ('payout.rejected', 'payout.failed')) THEN 'undone'
        WHEN bool_or(kind = 'payout.confirmed') THEN 'out' ELSE 'in flight' END AS state
      FROM journal WHERE refs ? 'payout_id' GROUP BY 1) AS m ON m.id = p.id::text
    WHERE m.state IS DISTINCT FROM CASE WHEN p.state::text IN ('REJECTED', 'TRANSFER_FAILED') THEN 'undone'
      WHEN p.state::text IN ('REQUESTED', 'SCREENED', 'TRANSFER_SENT', 'UNKNOWN') THEN 'in flight' WHEN p.id IS NOT NULL THEN 'out' END
    LIMIT 100`,

  // Movements at the provider: each has one effect of the same amount, and an effect without one stands for none. The balances are those
  // that the reconciliation last compared, with nothing on its way.
  I15: `SELECT 'transaction ' || t.id AS subject, 'the provider says ' || t.net || ', our effect ' || COALESCE(e.net::text, 'nothing') || '.' AS detail
    FROM provider_transaction t LEFT JOIN provider_effect e ON e.transaction_id = t.id
    WHERE (e.transaction_id IS NOT NULL AND e.net IS DISTINCT FROM t.net)
       OR (t.explained_at IS NOT NULL AND t.net <> 0 AND e.transaction_id IS NULL)
    UNION ALL
    SELECT 'the provider', 'its balance is ' || theirs || ', 1000 and 1010 are ' || ours || ', as compared at ' || made_at || '.' FROM provider_balance
    WHERE theirs <> ours
    LIMIT 100`,

  I16: `SELECT 'transaction ' || id AS subject, type || ' of ' || net || ' is unexplained since ' || suspended_at || '.' AS detail
    FROM provider_transaction WHERE explained_at IS NULL AND suspended_at < now() - interval '24 hours' LIMIT 100`,

  // A job's deadline is its hold's term; the sweep of deadlines looks every second. What has no job has no term at all.
  I18: `SELECT 'hold ' || h.id AS subject, CASE WHEN j.id IS NULL THEN 'it has no job.' ELSE 'it is open, and its job was due ' || j.due || '.' END AS detail
    FROM hold h LEFT JOIN (SELECT id, deadline AS due FROM job UNION ALL SELECT id, LEAST(deadline, ends_at) FROM reservation
      UNION ALL SELECT v.id, o.deadline FROM own_verifier v JOIN job o ON o.id = v.job_id) AS j ON j.id = h.job_id
    WHERE h.state = 'HELD' AND (j.id IS NULL OR j.due < now() - interval '10 minutes') LIMIT 100`,

  // Nobody asked for more than was ever theirs to ask for.
  I21: `SELECT 'person ' || p.person_id AS subject, 'asked for ' || p.amount || ' in payouts, and ' || COALESCE(c.net, 0) || ' were ever released.' AS detail
    FROM (SELECT person_id, sum(amount) AS amount FROM payout WHERE state::text NOT IN ('REJECTED', 'TRANSFER_FAILED') AND returned_at IS NULL GROUP BY person_id) AS p
    LEFT JOIN (SELECT a.person_id, sum(-e.amount) AS net FROM journal j JOIN journal_entry e ON e.journal_id = j.id
       JOIN ledger_account a ON a.id = e.account_id AND a.code IN (2110, 2120, 2150)
       WHERE j.kind NOT LIKE 'payout.%' GROUP BY a.person_id) AS c ON c.person_id = p.person_id
    WHERE p.amount > COALESCE(c.net, 0) LIMIT 100`,

  // However many captures a lease had, it was charged floor(all of its fuel × price): nothing drifts. $1 is the fuel of one price unit.
  I22: `SELECT 'lease ' || id AS subject, 'charged ' || charged_micro || ' for ' || fuel_charged || ' fuel at ' || price_micro || '.' AS detail
    FROM lease WHERE charged_micro <> div(fuel_charged::numeric * price_micro, $1::numeric)
    UNION ALL
    SELECT 'kept lease ' || id, 'charged ' || charged_micro || ' for ' || kept_us || ' microseconds and ' || audited_byte_hours || ' byte-hours of '
      || quantity || ' at ' || price_micro || '.'
    FROM kept_lease WHERE charged_micro > CASE WHEN market LIKE 'storage:%' THEN div(audited_byte_hours::numeric * price_micro, 720000000000)
      ELSE div(quantity::numeric * kept_us * price_micro, 3600000000) END
    LIMIT 100`,

  // However webhooks came, a deposit is in the ledger if and only if it succeeded, and once.
  I23: `SELECT 'deposit ' || COALESCE(d.id::text, m.id) AS subject, 'it is ' || COALESCE(d.state::text, 'nowhere') || ' with ' || COALESCE(d.amount, 0)
      || ', the journal has ' || COALESCE(m.amount, 0) || '.' AS detail
    FROM deposit d FULL JOIN (
      SELECT j.refs->>'deposit_id' AS id, sum(e.amount) AS amount FROM journal j JOIN journal_entry e ON e.journal_id = j.id AND e.amount > 0
      WHERE j.kind = 'deposit' GROUP BY 1) AS m ON m.id = d.id::text
    WHERE COALESCE(m.amount, 0) <> CASE WHEN d.state = 'SUCCEEDED' THEN d.amount ELSE 0 END LIMIT 100`,

  I27: `SELECT 'deposit ' || d.id AS subject, d.refunded || ' refunded of ' || d.amount || ', the refunds sum to ' || COALESCE(r.amount, 0) || '.' AS detail
    FROM deposit d LEFT JOIN (SELECT deposit_id, sum(amount) AS amount FROM deposit_refund WHERE state <> 'FAILED' GROUP BY deposit_id) AS r
      ON r.deposit_id = d.id
    WHERE d.refunded > d.amount OR d.refunded <> COALESCE(r.amount, 0) LIMIT 100`,

  // What was released for results of orders that are checked, and not in the same moment: who reported more since, or was closed by checks.
  I29: `SELECT 'capture ' || c.id AS subject, 'it is ' || c.state || ', its results up to ' || c.nth || ' are final at ' || c.nth + c.window_results
      || ' of its node, which has ' || COALESCE(s.results, 0) || ', or closed, which is so up to ' || COALESCE(s.closed, 0) || '.' AS detail
    FROM capture c JOIN lease l ON l.id = c.lease_id LEFT JOIN node_standing s ON s.node_id = l.node_id
    WHERE c.nth IS NOT NULL AND c.state IN ('RELEASED', 'SPLIT') AND NOT COALESCE(c.nth + c.window_results <= s.results OR c.nth <= s.closed, false)
    LIMIT 100`,

  // Money of a result that was proven wrong, or of a node that is banned, which did not go back. What comes in while a ban is written is
  // void within seconds.
  I30: `SELECT 'task ' || r.index || ' of job ' || r.job_id AS subject, 'attempt ' || r.epoch || ' was proven wrong, and its ' || a.charge_micro
      || ' did not go back.' AS detail
    FROM refuted_result r JOIN attempt a ON a.job_id = r.job_id AND a.index = r.index AND a.epoch = r.epoch AND a.outcome = 'accepted' AND a.charge_micro > 0
    JOIN capture c ON c.job_id = a.job_id AND c.lease_id = a.lease_id AND c.captured_at = a.finished_at
    WHERE c.state <> 'REFUNDED' AND NOT c.own_use
      AND NOT EXISTS (SELECT 1 FROM correction k WHERE k.job_id = r.job_id AND k.index = r.index AND k.epoch = r.epoch)
    UNION ALL
    SELECT 'node ' || s.node_id, 'it is banned, and capture ' || c.id || ' of it is still held.'
    FROM node_standing s JOIN lease l ON l.node_id = s.node_id JOIN capture c ON c.lease_id = l.id AND c.state IN ('CAPTURED', 'DISPUTED')
    WHERE s.banned IS NOT NULL AND c.captured_at < now() - interval '1 minute'
      AND NOT EXISTS (SELECT 1 FROM penalty p WHERE p.node_id = s.node_id AND p.state = 'ACTIVE' AND p.created_at > now() - interval '1 minute')
    UNION ALL
    SELECT 'node ' || s.node_id, 'it is banned, and the pay of check ' || p.check_id || ' is still held.'
    FROM node_standing s JOIN check_pay p ON p.node_id = s.node_id AND p.state = 'HELD'
    WHERE s.banned IS NOT NULL AND p.earned_at < now() - interval '1 minute'
      AND NOT EXISTS (SELECT 1 FROM penalty p WHERE p.node_id = s.node_id AND p.state = 'ACTIVE' AND p.created_at > now() - interval '1 minute')
    LIMIT 100`,
} as const;
