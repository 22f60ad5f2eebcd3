// `npm run audit:ledger` and `npm run rebuild:ledger`: on the ledger of DATABASE_URL, or of the heap in HEAP_DATA_DIR, whether it runs or not.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { startPostgres } from './postgres.mjs';

const [program = 'audit-ledger', ...args] = process.argv.slice(2);
const root = path.resolve(import.meta.dirname, '../..');
const dataDir = path.join(path.resolve(process.env.HEAP_DATA_DIR || path.join(root, '.data')), 'postgres');

let server;
let url = process.env.DATABASE_URL;
if (!url) {
  if (!fs.existsSync(path.dirname(dataDir))) {
    console.error(`audit: there is no heap in ${path.dirname(dataDir)}: start one with npm start, or set HEAP_DATA_DIR or DATABASE_URL`);
    process.exit(2);
  }
  server = await startPostgres({ dataDir });
  url = `${server.url}/heap`;
}
const audit = spawn(process.execPath, [path.join(root, `dist/apps/broker/src/${program}.js`), ...args], {
  stdio: 'inherit',
  env: { ...process.env, DATABASE_URL: url },
});
audit.on('exit', async (code) => {
  // A server that was running already belongs to the heap that runs.
  if (server && !server.joined) await server.stop();
  process.exitCode = code ?? 2;
});
