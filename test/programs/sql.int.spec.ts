import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Runtime } from '#sandbox';
import { engineBytes } from '#sandbox/node';
import { workload } from './sql-workload.js';

const MIB = 1024 * 1024;
const LIMITS = { fuel: 1n << 50n, stack_bytes: 256 * 1024, memory_bytes: 64 * MIB, output_bytes: MIB, log_bytes: 4096, wall_ms: 60_000 };
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const module = readFileSync('test/programs/cpp/sql.wasm');
const runtime = new Runtime({ sha256, engine: engineBytes });
const { module_hash } = runtime.load({ kind: 'wasm', codec: 'bytes', bytes: module });
const run = (sql: string) => {
  const { output, ...outcome } = runtime.run(module_hash, { input: Buffer.from(sql) }, LIMITS);
  return { ...outcome, printed: Buffer.from(output).toString() };
};

test('the database is the one that was built here, and as large as a real one', () => {
  expect(readFileSync('test/programs/cpp/SHA256SUMS', 'utf8')).toContain(sha256(module));
  expect(module.length).toBeGreaterThan(0.75 * 1e6);
});

test.each([
  [1, 40],
  [2, 400],
  [3, 3000],
])('prints what the same questions give without a database (seed %i, %i orders)', (seed, size) => {
  const { sql, printed } = workload(seed, size);
  const ran = run(sql);
  expect(ran).toMatchObject({ verdict: 'ok', logs: '' });
  expect(ran.printed).toBe(printed);
  expect(run(sql)).toEqual(ran);
});

test.each<[what: string, sql: string, printed: string]>([
  [
    'NULL is neither equal nor unequal',
    'SELECT NULL = NULL, NULL IS NULL, 1 IN (2, NULL), 1 IN (1, NULL), NOT NULL, NULL AND 0, NULL OR 1',
    '|1||1||0|1',
  ],
  [
    'numbers',
    'SELECT 7 / 2, 7 % 3, -7 / 2, 7.0 / 2, 1 / 0, 9223372036854775807 + 1, 0.1 + 0.2, 2 || 3',
    '3|1|-3|3.5||9.22337203685478e+18|0.3|23',
  ],
  ['precedence', 'SELECT 1 + 2 * 3 - -4, 1 OR 0 AND 0, NOT 1 = 2, 2 < 3 = 1', '11|1|1|1'],
  ['texts', 'SELECT \'it\'\'s\' || " x".y FROM (SELECT 1 AS y) " x"', "it's1"],
  [
    'functions',
    "SELECT ROUND(2.567, 2), ABS(-3), COALESCE(NULL, 4), REPLACE('aXbX', 'X', '--'), TRIM('  a '), INSTR('abc', 'c'), TYPEOF(1.0), MAX(1, 3, 2)",
    '2.57|3|4|a--b--|a|3|real|3',
  ],
  [
    'dates',
    "SELECT STRFTIME('%Y-%m-%d %H:%M', 951782400), UNIXEPOCH('2000-02-29'), UNIXEPOCH('1969-12-31')",
    '2000-02-29 00:00|951782400|-86400',
  ],
  ['formats', "SELECT FORMAT('%05d|%-6s|%+.2f|%x|%%', 42, 'ab', 3.14159, 255)", '00042|ab    |+3.14|ff|%'],
  [
    'affinity',
    "CREATE TABLE t (a INTEGER, b REAL, c TEXT); INSERT INTO t VALUES ('12', 3, 4); SELECT TYPEOF(a), TYPEOF(b), TYPEOF(c), a, b, c FROM t",
    'integer|real|text|12|3.0|4',
  ],
  ['aggregates of nothing', 'CREATE TABLE t (a); SELECT COUNT(*), SUM(a), AVG(a), MIN(a), TOTAL(a), GROUP_CONCAT(a) FROM t', '0||||0.0|'],
  [
    'replacing',
    "CREATE TABLE t (id INTEGER PRIMARY KEY, k TEXT UNIQUE); INSERT INTO t VALUES (1, 'a'), (2, 'b'); REPLACE INTO t VALUES (1, 'b'); SELECT id, k FROM t",
    '1|b',
  ],
  [
    'common tables',
    'WITH a AS (SELECT 1 AS n UNION ALL SELECT 2), b AS (SELECT n * 10 AS m FROM a) SELECT SUM(n), SUM(m) FROM a, b',
    '6|60',
  ],
])('%s', (_, sql, printed) => {
  expect(run(sql)).toMatchObject({ verdict: 'ok', logs: '', printed: `${printed}\n` });
});

test.each<[what: string, sql: string, said: RegExp]>([
  ['no statement', '\nSELEC 1', /^line 2: expected a statement before SELEC$/],
  ['no table', 'SELECT * FROM t', /^line 1: there is no table t$/],
  ['no column', 'CREATE TABLE t (a);\nSELECT b FROM t', /^line 2: there is no column b$/],
  ['two columns', 'CREATE TABLE t (a); SELECT a FROM t x, t y', /is in several tables/],
  ['a value that is there', 'CREATE TABLE t (a UNIQUE); INSERT INTO t VALUES (1), (1)', /the value of t\.a is there already/],
  ['NULL', 'CREATE TABLE t (a NOT NULL); INSERT INTO t VALUES (NULL)', /t\.a may not be NULL/],
  ['an open quote', "SELECT 'a", /a quote is not closed/],
])('%s ends it with its line', (_, sql, said) => {
  const ran = run(sql);
  expect(ran).toMatchObject({ verdict: 'exit', exit_code: 1 });
  expect(ran.logs.trim()).toMatch(said);
});
