import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { KeptResult } from '#agent-core';
import { Journal } from './journal.js';
import { encode, keyOf, replay } from './record.js';
import { untilOnDisk } from './testing/on-disk.js';

const LEASE = '00000000-0000-7000-8000-000000000001';
const log = { warn: () => {} };
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

let dir = '';
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'journal '));
});
afterEach(() => fs.rmSync(dir, { recursive: true }));

const file = () => path.join(dir, 'results.journal');
const outputFiles = () => fs.readdirSync(path.join(dir, 'outputs'));

function kept(index: number, output?: Uint8Array): KeptResult {
  const output_hash = sha256(output ?? new Uint8Array());
  return {
    lease_id: LEASE,
    lease_epoch: 1,
    result: {
      index,
      epoch: 1,
      verdict: 'ok',
      detail: null,
      exit_code: 0,
      fuel_used: 12,
      output: output ? { hash: output_hash, bytes: output.length } : { inline: 'QQ==' },
      output_hash,
      logs: 'line one\nline "two" \u{1f600}\n',
      wall_ms: 0.25,
      memory_peak_bytes: 65_536,
    },
    saved_at_ms: 1_790_000_000_000,
  };
}

const indices = async (journal: Journal) => (await journal.load()).map((one) => one.result.index);

async function reopened() {
  const journal = await Journal.open(dir, log);
  const found = await journal.load();
  await journal.close();
  return found;
}

test('gives back after a restart what was not removed, exactly as it was', async () => {
  const journal = await Journal.open(dir, log);
  for (let i = 0; i < 5; i++) journal.append(kept(i));
  await untilOnDisk(dir, (found) => found.length === 5);
  journal.remove([kept(1), kept(3), kept(99)]);
  await journal.close();
  expect(await reopened()).toEqual([kept(0), kept(2), kept(4)]);
});

test('what is confirmed at once is never written', async () => {
  const journal = await Journal.open(dir, log);
  for (let i = 0; i < 100; i++) journal.append(kept(i));
  journal.remove(Array.from({ length: 100 }, (_, i) => kept(i)));
  await journal.close();
  expect(fs.statSync(file()).size).toBe(0);
});

test('an agent killed without warning loses at most what it had not yet written', async () => {
  const journal = await Journal.open(dir, log);
  const watcher = fs.watch(file());
  const written = once(watcher, 'change');
  journal.append(kept(0));
  await written;
  watcher.close();
  journal.append(kept(1));
  const survivors = replay(fs.readFileSync(file(), 'utf8')).kept;
  expect([...survivors.values()]).toEqual([kept(0)]);
  await journal.close();
});

test('a file cut at any byte gives back every result whose line is whole', async () => {
  const entries = [kept(0), kept(1), kept(2)];
  const text = Buffer.from(entries.map((one) => encode({ keep: one })).join('') + encode({ drop: [keyOf(kept(1))] }));
  for (let length = 0; length <= text.length; length++) {
    const cut = text.subarray(0, length).toString('utf8');
    const { kept: found, damaged } = replay(cut);
    const whole = cut.split('\n').length - 1;
    const expected = whole === 4 ? [0, 2] : [0, 1, 2].slice(0, whole);
    // The line break itself carries nothing: a line that lacks only that is whole.
    const complete = length < text.length && text[length] === 10;
    if (complete) continue;
    const got = [...found.values()].map((one) => one.result.index);
    if (got.join() !== expected.join() || damaged > 1)
      throw new Error(`cut at byte ${length}: ${got.join()} instead of ${expected.join()}`);
  }
});

test('a damaged line in the middle costs only itself', () => {
  const lines = [kept(0), kept(1), kept(2)].map((one) => encode({ keep: one }));
  for (let at = 0; at < (lines[1]?.length ?? 0) - 1; at++) {
    const broken = `${lines[1]?.slice(0, at)}#${lines[1]?.slice(at + 1)}`;
    const got = [...replay(`${lines[0]}${broken}${lines[2]}`).kept.values()].map((one) => one.result.index);
    if (got.join() !== '0,2') throw new Error(`damaged at ${at}: ${got.join()}`);
  }
});

test('mends a torn file at the next start and goes on', async () => {
  fs.writeFileSync(file(), `${encode({ keep: kept(0) })}${encode({ keep: kept(1) }).slice(0, 40)}`);
  const journal = await Journal.open(dir, log);
  journal.append(kept(2));
  await journal.close();
  expect((await reopened()).map((one) => one.result.index)).toEqual([0, 2]);
});

test('keeps large outputs in files of their own, as long as a result names them', async () => {
  const big = new Uint8Array(100_000).fill(3);
  const journal = await Journal.open(dir, log);
  journal.append(kept(0, big), big);
  journal.append(kept(1, big), big);
  expect((await journal.output(sha256(big))) === big).toBe(true);
  await untilOnDisk(dir, (found) => found.length === 2);
  journal.remove([kept(0)]);
  await journal.close();
  const next = await Journal.open(dir, log);
  expect(sha256((await next.output(sha256(big))) ?? new Uint8Array())).toBe(sha256(big));
  next.remove([kept(1)]);
  await next.close();
  expect(outputFiles()).toEqual([]);
});

test('an output that was damaged on disk is not given out', async () => {
  const big = new Uint8Array(100_000).fill(3);
  const journal = await Journal.open(dir, log);
  journal.append(kept(0, big), big);
  await journal.close();
  fs.truncateSync(path.join(dir, 'outputs', sha256(big)), 5_000);
  fs.writeFileSync(path.join(dir, 'outputs', 'orphan'), 'x');
  const next = await Journal.open(dir, log);
  expect(await next.output(sha256(big))).toBeNull();
  expect(outputFiles()).toEqual([sha256(big)]);
  await next.close();
});

test('a result put in place of another survives alone', async () => {
  const big = new Uint8Array(50_000);
  const journal = await Journal.open(dir, log);
  journal.append(kept(0, big), big);
  await untilOnDisk(dir, (found) => found.length === 1);
  journal.append(kept(0));
  journal.remove([kept(0)]);
  await journal.close();
  expect(await reopened()).toEqual([]);
  expect(outputFiles()).toEqual([]);
});

test('what a full disk did not take is written when it has room again, without further work', async () => {
  const warned: string[] = [];
  const journal = await Journal.open(dir, { warn: (_, sentence) => void warned.push(sentence) });
  const outputs = path.join(dir, 'outputs');
  fs.rmdirSync(outputs);
  fs.writeFileSync(outputs, 'in the way');
  const big = new Uint8Array(100_000).fill(3);
  journal.append(kept(0, big), big);
  while (warned.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  fs.rmSync(outputs);
  fs.mkdirSync(outputs);
  await untilOnDisk(dir, (found) => found.length === 1);
  await journal.close();
  expect(warned).toEqual(['Finished work cannot be kept on disk: a crash now would cost it.']);
  expect(await reopened()).toEqual([kept(0, big)]);
});

test('the file does not grow with what is history', async () => {
  const journal = await Journal.open(dir, log, 256 * 1024);
  for (let round = 0; round < 8; round++) {
    const batch = Array.from({ length: 300 }, (_, i) => kept(round * 300 + i));
    for (const one of batch) journal.append(one);
    await untilOnDisk(dir, (found) => found.some((one) => one.result.index === round * 300 + 299));
    journal.remove(batch.slice(1));
  }
  await untilOnDisk(dir, (found) => found.length === 8);
  expect(fs.statSync(file()).size).toBeLessThan(400 * 1024);
  expect(await indices(journal)).toHaveLength(8);
  await journal.close();
  expect(await reopened()).toHaveLength(8);
});

test('the file is for nobody else to read', async () => {
  const journal = await Journal.open(dir, log);
  await journal.close();
  expect(fs.statSync(file()).mode & 0o777).toBe(0o600);
});
