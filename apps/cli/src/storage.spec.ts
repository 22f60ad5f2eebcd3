import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { FakeHeap, type FakeHeapOptions } from '../../../test/support/fake-heap.js';
import { runCli } from './program.js';
import { Terminal } from './terminal.js';
import { TransferBar } from './transfer-bar.js';

const folder = mkdtempSync(join(tmpdir(), 'heap files '));
const kept = { ...process.env };
const file = (name: string, text: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const uploads = () => readdirSync(join(folder, 'uploads'));

let fake: FakeHeap;
async function start(options: FakeHeapOptions = {}): Promise<void> {
  fake = await FakeHeap.start(options);
  Object.assign(process.env, { HEAP_URL: fake.url, HEAP_API_KEY: fake.api_key, HEAP_PROFILE: join(folder, 'profile.json') });
  delete process.env.HEAP_CAPABILITY;
}
/** With a volume. */
async function ready(options: FakeHeapOptions = {}): Promise<void> {
  await start(options);
  await heap(['volume', 'create', '--class', 'small', '--yes']);
}
afterEach(() => fake?.close());
afterAll(() => {
  process.env = kept;
  rmSync(folder, { recursive: true });
});

/** `typed`: what a person at a terminal answers, who is then there. */
async function heap(args: string[], stdin: string | Uint8Array = '', typed?: string) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const input: Readable & { isTTY?: boolean } = Readable.from([Buffer.from(typed ?? stdin)]);
  if (typed !== undefined) Object.assign(stderr, { isTTY: true }) && Object.assign(input, { isTTY: true });
  const out: Buffer[] = [];
  let err = '';
  stdout.on('data', (bytes: Buffer) => out.push(bytes));
  stderr.setEncoding('utf8').on('data', (text) => {
    err += text;
  });
  const code = await runCli(args, new Terminal(input, stdout, stderr));
  await new Promise((resolve) => setImmediate(resolve));
  const bytes = Buffer.concat(out);
  return { code, err, bytes, out: bytes.toString().trim(), json: () => JSON.parse(bytes.toString()) };
}

describe('heap put and heap get', () => {
  test('a capability out, the bytes back, and no journal left behind', async () => {
    await ready();
    const path = file('letter.txt', 'Dear Ada');
    const put = await heap(['put', path]);
    expect(put.out).toMatch(/^heap-r1:[a-z2-7]+$/);
    expect(uploads()).toEqual([]);
    expect((await heap(['get', put.out])).out).toBe('Dear Ada');
    const out = join(folder, 'again.txt');
    const got = await heap(['get', put.out, '-o', out, '--range', '5:', '--json']);
    expect(got.json()).toEqual({ out, bytes: 3, replaced: 0 });
    expect(readFileSync(out, 'utf8')).toBe('Ada');
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
    expect((await heap(['get', put.out, '--range', 'x'])).code).toBe(2);
    expect((await heap(['get', put.out, '--json'])).json()).toMatchObject({ code: 'usage' });
  });

  test('a file is there whole or not at all, and nothing that it is not', async () => {
    await ready();
    const letter = (await heap(['put', '-'], 'Dear Ada')).out;
    const bin = (await heap(['put', '-'], new Uint8Array(3_000_000).fill(7))).out;
    const place = mkdtempSync(join(folder, 'out '));
    const out = join(place, 'letter.txt');
    // A file of the user's that has the name which a half one once had, and one that nobody else may read.
    writeFileSync(`${out}.part`, 'mine');
    writeFileSync(out, 'old', { mode: 0o600 });
    expect((await heap(['get', letter, '-o', out])).code).toBe(0);
    expect([readFileSync(out, 'utf8'), readFileSync(`${out}.part`, 'utf8'), statSync(out).mode & 0o777]).toEqual([
      'Dear Ada',
      'mine',
      0o600,
    ]);
    symlinkSync(out, join(place, 'link'));
    expect((await heap(['get', letter, '-o', join(place, 'link'), '--range', '5:'])).code).toBe(0);
    expect([readFileSync(out, 'utf8'), lstatSync(join(place, 'link')).isSymbolicLink()]).toEqual(['Ada', true]);
    // Two at once: one of them wins, and none is mixed with the other.
    const both = join(place, 'both');
    await Promise.all([heap(['get', bin, '-o', both]), heap(['get', letter, '-o', both])]);
    expect([8, 3_000_000]).toContain(statSync(both).size);
    const asked = fake.asked('getPiece').length;
    const directory = await heap(['get', letter, '-o', place]);
    expect([directory.code, directory.err]).toEqual([2, expect.stringContaining('[output_is_directory]')]);
    expect((await heap(['get', letter, '-o', join(out, 'below')])).err).toContain('[unwritable_file]');
    expect(fake.asked('getPiece')).toHaveLength(asked);
    // What has no room: nothing of it stays, and the error says so. A device is written to, and is a device afterwards.
    const full = await heap(['get', letter, '-o', '/dev/full']);
    expect([full.code, full.err]).toEqual([2, expect.stringContaining('[disk_full]')]);
    expect(statSync('/dev/full').isCharacterDevice()).toBe(true);
    fake.volumes.files.clear();
    expect((await heap(['get', letter, '-o', out])).code).not.toBe(0);
    expect([readFileSync(out, 'utf8'), readdirSync(place).sort()]).toEqual(['Ada', ['both', 'letter.txt', 'letter.txt.part', 'link']]);
  });

  test('a file that changes while it is read is stored, and said to be neither the old nor the new one', async () => {
    const path = file('log', 'first line');
    await ready({ fault: ({ name }) => void (name === 'putPiece' && file('log', 'first line, and another')) });
    const put = await heap(['put', path]);
    expect([put.code, put.err, put.out]).toEqual([
      1,
      expect.stringContaining('changed while it was read'),
      expect.stringMatching(/^heap-r1:/),
    ]);
  });

  test('bytes from standard input, and JSON', async () => {
    await ready();
    const bytes = new Uint8Array(5_000).map((_, i) => i);
    const put = await heap(['put', '-', '--json'], bytes);
    expect(put.json()).toEqual({ capability: expect.stringMatching(/^heap-r1:/), bytes: 5_000, resumed: false });
    expect(Buffer.compare((await heap(['get', '-'], put.json().capability)).bytes, bytes)).toBe(0);
  });

  test('capabilities come from files and the environment, and never go into an error', async () => {
    await ready();
    const root = (await heap(['mkdir'])).out;
    const secret = file('root.cap', `${root}\n`);
    await heap(['put', file('a', 'A'), '--into', `@${secret}:a.txt`]);
    expect((await heap(['get', `@${secret}:a.txt`])).out).toBe('A');
    process.env.HEAP_CAPABILITY = `${root}/a.txt`;
    expect((await heap(['get'])).out).toBe('A');
    const missing = await heap(['get', `${root}/b.txt`, '--json', '-o', join(folder, 'b')]);
    expect(missing.json()).toMatchObject({ code: 'no_such_name' });
    for (const { out, err } of [
      missing,
      await heap(['rm', root]),
      await heap(['get', `${root}x`]),
      await heap(['put', secret, '--into', root]),
    ])
      expect(`${out}${err}`).not.toContain(root.slice(8, 30));
    delete process.env.HEAP_CAPABILITY;
    expect((await heap(['get'])).err).toContain('[no_capability]');
  });

  test('an upload that broke off goes on when the command is run again', async () => {
    let failing = true;
    await ready({ fault: ({ name }) => (failing && name === 'commitFile' ? { status: 400 } : undefined) });
    const path = file('long.bin', new Uint8Array(100_000).fill(7));
    const broken = await heap(['put', path]);
    expect(broken.code).not.toBe(0);
    expect(broken.err).toContain('run the same command again');
    const [journal = ''] = uploads();
    expect(statSync(join(folder, 'uploads', journal)).mode & 0o777).toBe(0o600);
    expect(broken.err).not.toContain(JSON.parse(readFileSync(join(folder, 'uploads', journal), 'utf8')).token.slice(14, 40));
    failing = false;
    const sent = fake.asked('putPiece').length;
    const again = await heap(['put', path, '--json']);
    expect(again.json()).toMatchObject({ resumed: true, bytes: 100_000 });
    expect([fake.asked('createFile').length, fake.asked('putPiece').length]).toEqual([1, sent]);
    expect(uploads()).toEqual([]);
  });

  test('of a file that changed meanwhile begins anew', async () => {
    let failing = true;
    await ready({ fault: ({ name }) => (failing && name === 'commitFile' ? { status: 400 } : undefined) });
    const path = file('changing', 'one');
    await heap(['put', path]);
    failing = false;
    file('changing', 'another');
    expect((await heap(['put', path, '--json'])).json()).toMatchObject({ resumed: false, bytes: 7 });
    expect(fake.asked('createFile')).toHaveLength(2);
  });
});

describe('without a volume', () => {
  const path = file('first', 'first');

  test('a script hears what to do', async () => {
    await start();
    const { code, err } = await heap(['put', path]);
    expect(code).toBe(2);
    expect(err).toBe(
      'heap: You have no volume yet: buy one with `heap volume create`, or say --yes to buy one of 1 GB for a month at twice the present price at most. [no_volume]\n',
    );
    expect(fake.volumes.volumes.size).toBe(0);
  });

  test('where a heap has fewer owners than class standard takes, small is offered, with the reason', async () => {
    await start();
    fake.volumes.owners = 59;
    const { err, out } = await heap(['put', path], '', 'y\n');
    expect(err).toContain('59 independent owners sell space now, and class standard takes 60.');
    expect(err).toContain(
      'A volume of class small for 1 GB: each piece of data on 10 devices, of which any 3 give it back; 12 are reserved',
    );
    expect(out).toMatch(/^heap-r1:/);
    expect([...fake.volumes.volumes.values()]).toMatchObject([{ name: 'default', class: 'small' }]);
  });

  test('a person is asked with the price', async () => {
    await start();
    const no = await heap(['put', path], '', 'n\n');
    expect(no.err).toContain('At most 0.08 USD (simulated) a month; 0.096 USD (simulated) are held');
    expect(no.err).toContain('[declined]');
    const yes = await heap(['put', path], '', 'y\n');
    expect(yes.out).toMatch(/^heap-r1:/);
    expect([...fake.volumes.volumes.values()]).toMatchObject([{ name: 'default', class: 'standard', max_price_micro: '2000' }]);
  });

  test('--yes agrees', async () => {
    await start();
    expect((await heap(['put', path, '--yes'])).code).toBe(0);
    expect((await heap(['put', path, '--volume', 'nowhere', '--yes'])).err).toContain('[no_such_volume]');
  });
});

describe('heap volume', () => {
  test('create, list, show, end', async () => {
    await start();
    expect((await heap(['volume', 'list'])).out).toContain('heap volume create');
    expect((await heap(['volume', 'create', 'photos', '--estimate', '--json'])).json()).toMatchObject({
      ...{ hold_micro: '96000', devices: { needed: 40, reserved: 48 } },
      cost_range: { high_micro: '80000' },
    });
    expect((await heap(['volume', 'create', 'photos'])).err).toContain('[consent_needed]');
    const made = await heap(['volume', 'create', 'photos', '--class', 'cold', '--gigabytes', '5', '--budget', '2', '--wait', '--json']);
    expect(made.json()).toMatchObject({ name: 'photos', class: 'cold', gigabytes: 5, budget_micro: '2000000', state: 'READY' });
    expect((await heap(['volume', 'list'])).out).toContain('photos');
    expect((await heap(['volume', 'show', 'photos'])).out).toContain('It keeps what it is given.');
    expect((await heap(['volume', 'end', 'photos'])).err).toContain('This deletes 0 files for good');
    expect((await heap(['volume', 'end', 'photos', '--yes', '--json'])).json()).toMatchObject({ state: 'ENDED' });
    expect((await heap(['volume', 'show', 'photos'])).code).toBe(2);
  });
});

describe('heap check and heap rm', () => {
  test('say how it is kept, with an exit code, to a verify capability', async () => {
    await ready();
    const { out } = await heap(['put', '-'], 'x');
    const weak = (await heap(['capability', 'weaken', out])).out;
    expect(weak).toMatch(/^heap-v1:/);
    const well = await heap(['check', weak]);
    expect([well.code, well.out.split('\n')[0]]).toEqual([
      0,
      'The file is well kept: segment 0, which has the fewest, has 10 of 10 pieces; 3 more may go before it is repaired, 7 before it is lost.',
    ]);
    for (let index = 0; index < 9; index++) fake.volumes.away.add(`0/${index}`);
    const ill = await heap(['check', weak, '--deep', '--json']);
    expect([ill.code, ill.json().pieces]).toEqual([1, { STORED: 1, MISSING: 9 }]);
    expect((await heap(['get', weak])).err).toContain('[capability.too_weak]');
    expect((await heap(['rm', weak])).code).toBe(0);
    expect((await heap(['check', weak])).code).toBe(1);
  });
});

describe('directories', () => {
  test('mkdir, put into, ls, link, unlink', async () => {
    await ready();
    const root = (await heap(['mkdir'])).out;
    await heap(['mkdir', `${root}/letters`]);
    const letter = (await heap(['put', '-', '--into', `${root}/letters/first.txt`], 'Dear Ada')).out;
    const shown = await heap(['ls', root]);
    expect(shown.out).toMatch(/letters +directory +write/);
    expect(shown.out).not.toContain('heap-w1:');
    const reader = (await heap(['capability', 'weaken', root, '--to', 'read'])).out;
    expect((await heap(['ls', `${reader}/letters`, '--json'])).json().entries).toMatchObject([
      { name: 'first.txt', bytes: 8, capability: letter },
    ]);
    expect((await heap(['link', `${root}/again`, letter])).code).toBe(0);
    expect((await heap(['link', `${root}/again`, letter])).err).toContain('[name_taken]');
    expect((await heap(['link', `${root}/again`, letter, '--replace'])).code).toBe(0);
    expect((await heap(['unlink', `${root}/again`, '--json'])).json()).toEqual({ capability: letter });
    expect((await heap(['capability', 'show', reader])).out).toMatch(/^It reads the directory [0-9a-f]{64}\.$/);
    expect((await heap(['unlink', `${reader}/letters`])).code).toBe(2);
  });
});

describe('jobs', () => {
  const DOUBLE = file('double.js', 'export default (n) => 2 * n;');

  test('heap run reads its input from a volume and puts its output there', async () => {
    await ready();
    const input = (await heap(['put', '-'], '21')).out;
    const terms = ['--yes', '--codec', 'json', '--input-cap', '-', '--to-volume', 'default'];
    const run = await heap(['run', DOUBLE, ...terms], input);
    expect(run.out).toMatch(/^heap-r1:/);
    expect((await heap(['get', run.out])).out).toBe('42');
    expect((await heap(['run', DOUBLE, ...terms, '--json'], input)).json()).toMatchObject({
      capability: expect.stringMatching(/^heap-r1:/),
    });
  });

  test('heap map does so line by line', async () => {
    await ready();
    const inputs = [(await heap(['put', '-'], '1')).out, (await heap(['put', '-'], '2')).out]
      .map((line) => JSON.stringify(line))
      .join('\n');
    const map = await heap(['map', DOUBLE, '-', '--yes', '--ordered', '--input-caps', '--to-volume', 'default'], inputs);
    const lines = map.out.split('\n').map((line) => JSON.parse(line));
    expect(lines).toEqual([0, 1].map((index) => ({ index, capability: expect.stringMatching(/^heap-r1:/) })));
    expect((await heap(['get', lines[1].capability])).out).toBe('4');
    expect((await heap(['map', DOUBLE, '-', '--yes', '--input-caps'], '5')).err).toContain('[bad_input]');
  });
});

test('what an upload waits for is said once, and again only when bytes have moved', () => {
  const stderr = new PassThrough();
  const bar = new TransferBar(new Terminal(Readable.from([]), new PassThrough(), stderr), true);
  const update = (bytes: number, waits: string | null) => bar.update({ bytes, total: 9, waits });
  for (const waits of [null, 'No device.', null, 'No device.', null, 'No room.']) update(0, waits);
  update(1, null);
  update(1, 'No room.');
  expect(String(stderr.read())).toBe('No device.\nNo room.\nNo room.\n');
});
