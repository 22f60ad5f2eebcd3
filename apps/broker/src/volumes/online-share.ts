/** How much of its life a device `n` was there, from 0 to 1, as SQL. */
export const ONLINE_SHARE = `LEAST(1, (CASE WHEN n.state IN ('ONLINE', 'PAUSED') THEN presence_now(n.present_us, n.heard_at) ELSE n.present_us END)::float8
  / GREATEST(1, extract(epoch FROM now() - n.enrolled_at) * 1000000)::float8)`;
