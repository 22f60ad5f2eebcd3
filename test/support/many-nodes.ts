type Sql = (text: string, values?: readonly unknown[]) => Promise<unknown>;

/**
 * A heap with so many devices of a hundredth as many owners, as if it had run for a while: of all kinds, presences and regions, with standings,
 * offers, open leases, live jobs and what was charged in the last hour. Written by SQL, as fast as PostgreSQL takes it; no ledger is behind it.
 */
export async function fillNodes(sql: Sql, nodes: number): Promise<void> {
  const owners = Math.max(1, Math.floor(nodes / 100));
  // UUIDv7 of now and a bit before, so that what is found by its id is found.
  const v7 = (n: string, ms_ago = '0') =>
    `(lpad(to_hex(((extract(epoch FROM now()) * 1000)::bigint - (${ms_ago}))), 12, '0') || '7' || lpad(to_hex((${n}) / 65536), 3, '0') || '8' || lpad(to_hex((${n}) % 65536), 15, '0'))::uuid`;
  await sql(
    `INSERT INTO person (id, name, email) SELECT ${v7('i', '86400000')}, 'Owner ' || i, 'owner-' || i || '@many.example' FROM generate_series(1, $1::int) AS i`,
    [owners],
  );
  await sql(
    `INSERT INTO owner_rules (owner_id, region, workload_classes)
     SELECT id, (ARRAY['de', 'fr', 'us-ca', 'jp'])[1 + row_number() OVER (ORDER BY id) % 4], '{general}' FROM person WHERE email LIKE '%@many.example' AND right(name, 1) <> '0'`,
  );
  await sql(
    `INSERT INTO node (id, owner_id, name, kind, public_key, state, presence, presence_at, agent_version, speed_fuel_per_ms, health_score,
       reason_code, reason_sentence, enrolled_at, last_seen_at)
     SELECT ${v7('i', 'i * 1000')}, o.ids[1 + i % $2], 'device ' || i, (ARRAY['phone', 'phone', 'phone', 'laptop', 'netbook', 'console', 'settop', 'board', 'server'])[1 + i % 9]::node_kind,
       'key ' || i, CASE WHEN i % 10 < 7 THEN 'ONLINE' WHEN i % 10 = 7 THEN 'PAUSED' ELSE 'DISCONNECTED' END::node_state,
       (ARRAY['busy', 'idle', 'idle', 'busy', 'busy', 'idle', 'online', 'paused', 'disconnected', 'lost'])[1 + i % 10], now(), '0.1.' || i % 3, 1000 + i,
       i % 40 - 20, 'ready', 'Ready for work.', now() - make_interval(secs => i), now() - make_interval(secs => i % 3600)
     FROM generate_series(1, $1::int) AS i, (SELECT array_agg(id) AS ids FROM person WHERE email LIKE '%@many.example') AS o`,
    [nodes, owners],
  );
  await sql(
    `INSERT INTO node_standing (node_id, owner_id, results, checked, confirmed, mismatches, banned)
     SELECT id, owner_id, 1000, 30, 12, CASE WHEN right(name, 2) = '13' THEN 3 ELSE 0 END, CASE WHEN right(name, 3) = '113' THEN 'device' END
     FROM node WHERE name LIKE 'device %' AND right(name, 1) <> '9'`,
  );
  await sql(
    `INSERT INTO job (id, person_id, name, reason_code, reason_sentence, module_hash, codec, slot_class, slots, max_price_micro, budget_micro, fuel_limit,
       output_bytes_limit, wall_ms_limit, args, max_attempts, open, idempotency_key, request_hash, total, queued, created_at)
     SELECT ${v7('i', 'i * 1000')}, p.id, 'job ' || i, 'no_free_slot', 'All devices that suit it are busy.', repeat('0', 64), 'bytes', 'nano', 1, 5, 1000, 1000,
       1024, 1000, '{}', 3, false, 'job ' || i, '', 100, 100, now() - make_interval(secs => i)
     FROM generate_series(1, 500) AS i, (SELECT id FROM person WHERE email LIKE '%@many.example' ORDER BY id LIMIT 1) AS p`,
  );
  await sql(
    `INSERT INTO lease (id, slot_class, node_id, slot_no, owner_id, job_id, round_id, price_micro, task_max_micro, epoch, expires_at)
     SELECT ${v7('(row_number() OVER ())::int')}, 'nano', n.id, 0, n.owner_id, j.id, j.id, 5, 5, 1, now() + interval '1 day'
     FROM node n, (SELECT id FROM job ORDER BY id LIMIT 1) AS j WHERE n.presence = 'busy' AND n.name LIKE 'device %'`,
  );
  await sql(
    `INSERT INTO heap_sample (metric, term_ms, from_at, mean, least, most, samples)
     SELECT m, t.term_ms, date_bin(make_interval(secs => t.term_ms / 1000), now(), 'epoch') - make_interval(secs => i * t.term_ms / 1000),
       50 + 40 * sin(i / 60.0), 0, 100, 1
     FROM unnest(ARRAY['tasks_per_second', 'nodes_connected']) AS m, (VALUES (60000, 720), (3600000, 48)) AS t(term_ms, n), generate_series(1, t.n) AS i ON CONFLICT DO NOTHING`,
  );
  await sql(
    `INSERT INTO candle (market, term_ms, from_at, open_micro, close_micro, high_micro, low_micro, volume, rounds, closed_at)
     SELECT m, t.term_ms, date_bin(make_interval(secs => t.term_ms / 1000), now(), 'epoch') - make_interval(secs => i * t.term_ms / 1000), 40, 40 + (i * 7) % 23, 70, 30, 10, 5, now() - make_interval(secs => i)
     FROM unnest(ARRAY['work:nano', 'work:micro', 'work:small']) AS m, (VALUES (3600000, 160), (86400000, 7)) AS t(term_ms, n), generate_series(0, t.n) AS i ON CONFLICT DO NOTHING`,
  );
  await sql('ANALYZE node, person, lease, job, node_standing, heap_sample, candle');
}
