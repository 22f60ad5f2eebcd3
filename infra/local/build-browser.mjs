// Bundles what a browser is given into dist/browser: the sandbox's worker as one script, and the JavaScript engine beside it.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(root, 'dist/browser');

await build({
  absWorkingDir: root,
  entryPoints: { 'sandbox-worker': 'libs/sandbox/src/browser/worker.ts' },
  outdir: folder,
  bundle: true,
  format: 'iife',
  target: 'es2022',
  conditions: ['source'],
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
});
fs.copyFileSync(createRequire(import.meta.url).resolve('quickjs-wasi/quickjs.wasm'), path.join(folder, 'quickjs.wasm'));
