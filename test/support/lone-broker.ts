import pg from 'pg';
import { ownPostgres } from '../ledger/postgres.js';
import { startBroker, type TestBroker } from './broker.js';

/** The broker that tests start, outside of Jest: with a PostgreSQL of its own, which goes with it. */
export async function loneBroker(env: Record<string, string> = {}): Promise<TestBroker> {
  const server = await ownPostgres({ fsync: 'off' });
  try {
    const admin = new pg.Client({ connectionString: server.url.replace(/heap$/, 'postgres') });
    await admin.connect();
    await admin.query('ALTER DATABASE heap RENAME TO heap_template');
    await admin.end();
    process.env.TEST_POSTGRES_URL = server.url.replace(/\/heap$/, '');
    const broker = await startBroker(env);
    const close = async () => {
      await broker.close();
      await server.stop();
    };
    return { ...broker, close };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
