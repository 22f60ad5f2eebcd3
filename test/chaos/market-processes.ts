import fs from 'node:fs';
import path from 'node:path';
import type { TestBroker } from '../support/broker.js';
import { ROOT } from './local-heap.js';
import { until } from './until.js';

const UP_WITHIN_MS = 90_000;

interface Supervised {
  readonly pid: number;
  started: Promise<unknown>;
  stop: () => Promise<void>;
}
interface SuperviseOptions {
  name: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  log_file: string;
  ready: RegExp;
}

/** A process of the broker that does nothing but lead markets, started again when it dies. */
export class MarketProcess {
  private deaths = 0;

  private constructor(
    readonly name: string,
    private readonly child: Supervised,
    private readonly log_file: string,
  ) {}

  static async start(broker: TestBroker, name: string, settings: Record<string, string>): Promise<MarketProcess> {
    const launcher: string = path.join(ROOT, 'infra/local/supervised.mjs');
    const { supervise } = (await import(launcher)) as { supervise: (options: SuperviseOptions) => Supervised };
    const system = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(HEAP_|DATABASE_URL|REDIS_URL|TEST_)/.test(key)));
    const log_file = path.join(broker.config.data_dir, `${name}.log`);
    const child = supervise({
      name,
      args: [path.join(ROOT, 'dist/apps/broker/src/main.js')],
      env: {
        ...system,
        ...settings,
        // The name tells whose a lock is.
        DATABASE_URL: `${broker.database_url}?application_name=${name}`,
        HEAP_DATA_DIR: broker.config.data_dir,
        HEAP_PORT: '0',
        HEAP_ROLES: 'market',
      },
      log_file,
      ready: /heap: ready on (\S+)/,
    });
    await child.started;
    return new MarketProcess(name, child, log_file);
  }

  /** Once it is up again after its last death. */
  async up(): Promise<void> {
    await until(`${this.name} to be up`, UP_WITHIN_MS, () => {
      const starts = fs.readFileSync(this.log_file, 'utf8').match(/heap: ready on/g)?.length ?? 0;
      return starts > this.deaths || undefined;
    });
  }

  kill(): number {
    const { pid } = this.child;
    process.kill(pid, 'SIGKILL');
    this.deaths += 1;
    return pid;
  }

  /** Stops it where it stands: its connections stay open, and the kernel goes on answering for it. */
  freeze(): number {
    process.kill(this.child.pid, 'SIGSTOP');
    return this.child.pid;
  }

  /** Lets it go on as if nothing had been. */
  thaw(): void {
    process.kill(this.child.pid, 'SIGCONT');
  }

  stop(): Promise<void> {
    return this.child.stop();
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
