import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freshDatabase, type TestDatabase } from '../support/database.js';

const root = path.resolve(import.meta.dirname, '../../..');
let dir: string;
let database: TestDatabase;
let shadow: TestDatabase;
beforeAll(async () => {
  // A copy, because `migrate dev` writes migrations.
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'heap prisma '));
  fs.cpSync(path.join(root, 'prisma'), path.join(dir, 'prisma'), { recursive: true });
  fs.symlinkSync(fs.realpathSync(path.join(root, 'node_modules')), path.join(dir, 'node_modules'));
  fs.writeFileSync(path.join(dir, 'package.json'), '{"type": "module"}');
  const config = fs.readFileSync(path.join(root, 'prisma.config.ts'), 'utf8');
  fs.writeFileSync(
    path.join(dir, 'prisma.config.ts'),
    config.replace('datasource: {', "datasource: { shadowDatabaseUrl: process.env.SHADOW_DATABASE_URL ?? '',"),
  );
  database = await freshDatabase();
  shadow = await freshDatabase();
});
afterAll(async () => {
  await Promise.all([database?.drop(), shadow?.drop()]);
  fs.rmSync(dir, { recursive: true, force: true });
});

/** The official CLI with the WebAssembly engine. */
async function prisma(...args: string[]): Promise<{ code: number; output: string }> {
  const env = { ...process.env, DATABASE_URL: database.url, SHADOW_DATABASE_URL: shadow.url };
  const file = path.join(dir, 'prisma/prisma.mjs');
  return promisify(execFile)(process.execPath, [file, ...args], { cwd: dir, env }).then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    (error) => ({ code: Number(error.code), output: `${error.stdout}${error.stderr}` }),
  );
}

const DIFF = ['migrate', 'diff', '--from-migrations', 'prisma/migrations', '--to-schema', 'prisma/schema', '--exit-code'];

test('the migrations make what the schema says', async () => {
  expect(await prisma(...DIFF)).toMatchObject({ code: 0, output: expect.stringContaining('No difference detected') });
});

test('`migrate dev` writes and applies a migration for a change of the schema', async () => {
  fs.appendFileSync(path.join(dir, 'prisma/schema/main.prisma'), '\nmodel Postcard {\n  id   String @id\n  text String\n}\n');
  expect(await prisma('migrate', 'dev', '--name', 'postcards')).toMatchObject({ code: 0 });
  const [written] = fs.readdirSync(path.join(dir, 'prisma/migrations')).filter((name) => name.endsWith('_postcards'));
  const sql = fs.readFileSync(path.join(dir, 'prisma/migrations', written ?? '', 'migration.sql'), 'utf8');
  // One table and nothing else: what the hand-edited migrations add is no drift.
  expect(sql.match(/^(CREATE|ALTER|DROP).*/gm)).toEqual(['CREATE TABLE "Postcard" (']);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query(`SELECT to_regclass('"Postcard"') IS NOT NULL AS there`);
  await client.end();
  expect(rows).toEqual([{ there: true }]);
});
