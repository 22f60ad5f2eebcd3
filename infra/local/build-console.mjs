// Builds the pages into dist/console: Vite makes the pages and their hashed files, esbuild the two scripts that keep their names, and every
// text gets a compressed twin, so that the broker compresses nothing.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { transform } from '@swc/core';
import { build as bundle } from 'esbuild';
import { build, defaultClientConditions } from 'vite';
import { buildDocs } from './docs/build-docs.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const app = path.join(root, 'apps/console');
const folder = path.join(root, 'dist/console');
/** ES modules, dynamic import and 64-bit integers in WebAssembly: what the agent needs anyway. */
const TARGET = ['es2022', 'chrome100', 'firefox100', 'safari16'];

const built = (input, emptyOutDir) =>
  build({
    configFile: false,
    root: app,
    base: '/',
    publicDir: emptyOutDir && path.join(app, 'public'),
    logLevel: 'warn',
    resolve: { conditions: ['source', ...defaultClientConditions] },
    build: {
      outDir: folder,
      emptyOutDir,
      target: TARGET,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 1_000,
      rolldownOptions: {
        // Libraries mark what is for clients; everything here is.
        onwarn: (warning, warn) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning),
        input: Object.fromEntries(input.map((page) => [page.split('/').at(-1), path.join(app, page, 'index.html')])),
      },
    },
  });
await built(['join', 'join/invite'], true);
const agent_files = new Set(fs.readdirSync(path.join(folder, 'assets')).map((file) => `assets/${file}`));
// By itself, so that what it shares with the agent's page does not become a file of both that holds what either needs.
await built(['console'], false);

const small = {
  bundle: true,
  format: 'iife',
  minify: true,
  legalComments: 'none',
  conditions: ['source'],
  absWorkingDir: root,
  logLevel: 'warning',
};
// esbuild does not go below ES2015; this one script is for browsers from before.
const check = await bundle({ ...small, entryPoints: ['apps/console/src/check/check.ts'], target: 'es2015', write: false });
const old = await transform(check.outputFiles[0].text, { jsc: { target: 'es5', minify: { mangle: true } }, minify: true, isModule: false });
fs.writeFileSync(path.join(folder, 'join/check.js'), old.code);

const files = fs
  .readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
  .sort();
const id = files.reduce((hash, file) => hash.update(file).update(fs.readFileSync(path.join(folder, file))), createHash('sha256'));
/** What /join needs without a network: its page by its address, everything else by its path. */
const offline = files.filter(
  (file) => (agent_files.has(file) || file.startsWith('join/')) && !file.startsWith('join/invite') && !/assets\/invite/.test(file),
);
const BUILD = { id: id.digest('hex').slice(0, 16), files: offline.map((file) => (file === 'join/index.html' ? '/join' : `/${file}`)) };
await bundle({
  ...small,
  entryPoints: { sw: 'apps/console/src/pwa/sw.ts' },
  outdir: path.join(folder, 'join'),
  target: TARGET,
  define: { BUILD: JSON.stringify(BUILD) },
});

await bundle({ ...small, entryPoints: { sw: 'apps/console/src/push/sw.ts' }, outdir: path.join(folder, 'push'), target: TARGET });

const docs = await buildDocs({ root, folder, target: TARGET });

for (const file of [...files, ...docs, 'join/sw.js', 'push/sw.js']) {
  if (!/\.(html|js|json|css|svg|wasm|webmanifest)$/.test(file)) continue;
  const bytes = fs.readFileSync(path.join(folder, file));
  fs.writeFileSync(path.join(folder, `${file}.gz`), gzipSync(bytes, { level: 9 }));
  fs.writeFileSync(
    path.join(folder, `${file}.br`),
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
  );
}
