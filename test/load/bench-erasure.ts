/**
 * `npm run bench:erasure [-- --json] [--repeats 9] [--mib 4]`: the erasure code of the storage classes in this Node.js and in Chromium, an npm package that
 * does the same beside it in turns, and whole files with encryption and hash trees. MB are 10⁶ bytes of data, not of pieces.
 * The ratio is the least one at 10 of 40.
 */
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ReedSolomonErasure } from '@subspace/reed-solomon-erasure.wasm';
import { VOLUME_CLASSES, VOLUME_CODES } from '#units';
import { CHROMIUM, openChromium } from '../browser/support/chromium.js';
import { bundle } from '../browser/support/server.js';
import { type Measured, type MeasuredFile, measureCode, measureFile, WARM_UP } from './erasure/figures.js';
import { benchReport, median, spread } from './report.js';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, repeats: { type: 'string', default: '9' }, mib: { type: 'string', default: '4' } },
});
const [REPEATS, MIB] = [Number(values.repeats), Number(values.mib)];
if (![REPEATS, MIB].every((value) => Number.isInteger(value) && value > 0))
  throw new Error('--repeats and --mib take whole numbers above 0');
const PEER = '@subspace/reed-solomon-erasure.wasm';
const log = (line: string) => process.stderr.write(`${line}\n`);
const peer_folder = path.dirname(createRequire(import.meta.url).resolve(PEER));
const peer_wasm = fs.readFileSync(path.join(peer_folder, 'reed_solomon_erasure_bg.wasm'));
const round = (value: number) => Math.round(value * 10) / 10;

interface Place {
  name: string;
  code(request: Parameters<typeof measureCode>[1]): Promise<Measured>;
  file(request: Parameters<typeof measureFile>[0]): Promise<MeasuredFile>;
}
type Figures = Record<string, string | number>;

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};
const inNode: Place = {
  name: 'node',
  code: (request) => measureCode(() => ReedSolomonErasure.fromBytes(peer_wasm), request, cpuMs),
  file: measureFile,
};

/** A page as strict as a page that codes can be. */
async function servePage(): Promise<http.Server> {
  const files = new Map<string, [type: string, body: string | Uint8Array]>([
    [
      '/',
      [
        'text/html',
        `<!doctype html><title>erasure</title>${['before', 'peer', 'page'].map((s) => `<script src="/${s}.js"></script>`).join('')}`,
      ],
    ],
    ['/before.js', ['text/javascript', 'var exports = {}, module = { exports }, require = () => ({});']],
    ['/peer.js', ['text/javascript', fs.readFileSync(path.join(peer_folder, 'index.js'))]],
    ['/peer.wasm', ['application/wasm', peer_wasm]],
    ['/page.js', ['text/javascript', await bundle('test/load/erasure/page.ts')]],
  ]);
  const server = http.createServer((request, response) => {
    const [type, body] = files.get(request.url ?? '') ?? ['text/plain', ''];
    response.setHeader('content-security-policy', "default-src 'none'; connect-src 'self'; script-src 'self' 'wasm-unsafe-eval'");
    response.writeHead(200, { 'content-type': type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function inChromium<T>(use: (place: Place) => Promise<T>): Promise<T> {
  const server = await servePage();
  const browser = await openChromium(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  try {
    return await use({
      name: browser.version,
      code: (request) => browser.call('code', request),
      file: (request) => browser.call('file', request),
    });
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

/** @param prefix Before each key. */
async function measure(place: Place, prefix: string): Promise<{ ours: Figures; peer: Figures; ratio: number }> {
  const [ours, peer]: [Figures, Figures] = [{}, {}];
  const ratios: number[] = [];
  for (const storage_class of ['standard', 'small', 'cold'] as const) {
    const { k, n } = VOLUME_CODES[storage_class];
    const key = storage_class === 'standard' ? '' : `_${k}_${n}`;
    const measured = await place.code({ code: { k, n }, bytes: MIB * 1_048_576, repeats: REPEATS });
    for (const [what, theirs] of [
      ['encode', 'peer_encode'],
      ['decode', 'peer_decode'],
    ] as const) {
      for (const [figures, { wall, cpu }] of [
        [ours, measured[what]],
        [peer, measured[theirs]],
      ] as const) {
        figures[`${prefix}${what}_mb_per_s${key}`] = round(median(wall));
        figures[`${prefix}${what}_spread${key}`] = spread(wall);
        if (cpu.length > 0) figures[`${prefix}${what}_mb_per_cpu_s${key}`] = round(median(cpu));
      }
      if (storage_class === 'standard') ratios.push(median(measured[what].wall) / median(measured[theirs].wall));
    }
    if (measured.peer_wrong > 0) peer[`${prefix}decode_wrong${key}`] = `${measured.peer_wrong} of ${REPEATS + WARM_UP}`;
    ours[`${prefix}kernel`] = measured.kernel;
    log(`${place.name}, ${k} of ${n}: ${JSON.stringify(measured)}`);
  }
  for (const storage_class of VOLUME_CLASSES) {
    const file = await place.file({ storage_class, repeats: Math.ceil(REPEATS / 4) });
    ours[`${prefix}file_encode_mb_per_s_${storage_class}`] = round(median(file.encode));
    ours[`${prefix}file_decode_mb_per_s_${storage_class}`] = round(median(file.decode));
    ours[`${prefix}trees_mb_per_s`] = round(median(file.trees));
  }
  return { ours, peer, ratio: Math.min(...ratios) };
}

const [load_1min] = os.loadavg();
const node = await measure(inNode, '');
if (CHROMIUM === null) log('Chromium: not installed, skipped');
const chromium = CHROMIUM === null ? null : await inChromium((place) => measure(place, 'chromium_'));
const { version } = JSON.parse(fs.readFileSync(path.join(peer_folder, '../package.json'), 'utf8')) as { version: string };

benchReport(
  'erasure',
  { repeats: REPEATS, data_mib: MIB, load_1min: round(load_1min ?? 0) },
  { ...node.ours, ...chromium?.ours },
  values.json,
  { name: PEER, version, ...node.peer, ...chromium?.peer },
  round(Math.min(node.ratio, chromium?.ratio ?? node.ratio)),
);
