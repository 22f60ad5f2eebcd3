import type { TestBroker } from '../support/broker.js';
import { BrokerProcess } from './broker-process.js';

/** A process of the broker that does nothing but lead markets. */
export class MarketProcess extends BrokerProcess {
  static async start(broker: TestBroker, name: string, settings: Record<string, string>): Promise<MarketProcess> {
    const launched = await BrokerProcess.launch(broker, name, {
      ...settings,
      // The name tells whose a lock is.
      DATABASE_URL: `${broker.database_url}?application_name=${name}`,
      HEAP_PORT: '0',
      HEAP_ROLES: 'market',
    });
    return new MarketProcess(launched);
  }

  /** Stops it where it stands: its connections stay open, and the kernel goes on answering for it. */
  freeze(): number {
    process.kill(this.pid, 'SIGSTOP');
    return this.pid;
  }

  /** Lets it go on as if nothing had been. */
  thaw(): void {
    process.kill(this.pid, 'SIGCONT');
  }
}

/** The name of the process that holds a market's lock. */
export async function leaderOf(broker: TestBroker, market: string): Promise<string | undefined> {
  const [row] = await broker.sql<{ name: string }>(
    `SELECT a.application_name AS name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND (l.classid::bigint << 32) + l.objid::bigint = hashtextextended($1, 0)`,
    [`market ${market}`],
  );
  return row?.name;
}
