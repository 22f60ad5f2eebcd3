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
const LIBRARY_CLASS = /\bm_[0-9a-f]{6,10}\b/g;
/** ES modules, dynamic import and 64-bit integers in WebAssembly: what the agent needs anyway. */
const TARGET = ['es2022', 'chrome100', 'firefox100', 'safari16'];

const built = (input, emptyOutDir, more = {}) =>
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
        ...(more.output && { output: more.output }),
      },
      ...more.build,
    },
  });
await built(['join', 'join/invite'], true);
const agent_files = new Set(fs.readdirSync(path.join(folder, 'assets')).map((file) => `assets/${file}`));
// By itself, so that what it shares with the agent's page does not become a file of both that holds what either needs.
await built(['console'], false, {
  output: {
    // Few files: each is a request, and a module to link. What every page needs is one file beside React, what many pages share a third.
    codeSplitting: {
      groups: [
        { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/, priority: 3 },
        { name: 'base', tags: ['$initial'], priority: 2 },
        // Several pages run work or keep files, and no first page does: what it shares with them is apart.
        { name: 'units', test: /libs[\\/]units[\\/]/, priority: 2 },
        { name: 'sdk', test: /libs[\\/](sdk|erasure)[\\/]|developer[\\/]sdk\.ts/, priority: 1.5 },
        { name: 'kit', minShareCount: 3, maxModuleSize: 60_000, priority: 1 },
      ],
    },
    // These are needed whole; V8 compiles what is marked so while it arrives, beside the page's thread, and not bit by bit when it is called.
    postBanner: ({ name }) => (['react', 'base', 'kit', 'console'].includes(name) ? '//# allFunctionsCalledOnLoad' : ''),
  },
  // The page asks for its files itself, before it runs.
  build: { cssCodeSplit: false, manifest: 'console/manifest.json', modulePreload: { polyfill: false, resolveDependencies: () => [] } },
});
leaveOutStyles();
putFirst();

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

/**
 * Leaves out the style sheets of components that nothing draws, of the library's hundred. Its class names are hashes (`m_77c9d27d`), and the code of a
 * component that is used holds them. The file gets the name of what is then in it.
 */
function leaveOutStyles() {
  const page = path.join(folder, 'console/index.html');
  const html = fs.readFileSync(page, 'utf8');
  const [, old] = /href="\/(assets\/style-[^"]+\.css)"/.exec(html);
  const scripts = fs.readdirSync(path.join(folder, 'assets')).filter((file) => file.endsWith('.js') && !agent_files.has(`assets/${file}`));
  const code = scripts.map((file) => fs.readFileSync(path.join(folder, 'assets', file), 'utf8')).join('\n');
  const css = withoutUnused(fs.readFileSync(path.join(folder, old), 'utf8'), new Set(code.match(LIBRARY_CLASS)));
  const name = `assets/style-${createHash('sha256').update(css).digest('base64url').slice(0, 8)}.css`;
  fs.rmSync(path.join(folder, old));
  fs.writeFileSync(path.join(folder, name), css);
  fs.writeFileSync(page, html.replace(old, name));
}

/** A style sheet without the rules all of whose selectors name a class of the library that is not used; minified, so without comments. */
function withoutUnused(css, used) {
  let kept = '';
  for (let at = 0; at < css.length; ) {
    const [open, end] = [css.indexOf('{', at), css.indexOf(';', at)];
    if (open < 0) return kept + css.slice(at);
    if (end >= 0 && end < open) {
      kept += css.slice(at, end + 1);
      at = end + 1;
      continue;
    }
    let [close, depth] = [open + 1, 1];
    for (; depth > 0; close++) depth += css[close] === '{' ? 1 : css[close] === '}' ? -1 : 0;
    const [head, body] = [css.slice(at, open), css.slice(open + 1, close - 1)];
    const inside = /^@(media|supports|layer|container)/.test(head) ? withoutUnused(body, used) : body;
    const named = head.match(LIBRARY_CLASS) ?? [];
    const needed = named.length === 0 || head.split(',').some((one) => (one.match(LIBRARY_CLASS) ?? []).every((name) => used.has(name)));
    if (needed && inside !== '') kept += `${head}{${inside}}`;
    at = close;
  }
  return kept;
}

/** What the broker lets the console's page load at once, by the address at which somebody begins. */
function putFirst() {
  const place = (name) => path.join(folder, 'console', name);
  const manifest = JSON.parse(fs.readFileSync(place('manifest.json'), 'utf8'));
  fs.rmSync(place('manifest.json'));
  const needed = (key, seen = new Set()) => {
    if (seen.has(key)) return seen;
    if (manifest[key] === undefined) throw new Error(`console/first.json names ${key}, which is no page`);
    seen.add(key);
    for (const one of manifest[key].imports ?? []) needed(one, seen);
    return seen;
  };
  const entry = 'console/index.html';
  const always = needed(entry);
  const fileOf = (key) => `/${manifest[key].file}`;
  const at = Object.entries(JSON.parse(fs.readFileSync(path.join(app, 'console/first.json'), 'utf8'))).map(
    ([address, { pages, ...rest }]) => [
      address,
      { modules: [...pages.reduce((seen, page) => needed(page, seen), new Set())].filter((key) => !always.has(key)).map(fileOf), ...rest },
    ],
  );
  const modules = [...always].filter((key) => key !== entry).map(fileOf);
  fs.writeFileSync(place('first.json'), JSON.stringify({ modules, at: Object.fromEntries(at) }));
}

for (const file of [...files, ...docs, 'join/sw.js', 'push/sw.js']) {
  if (!/\.(html|js|json|css|svg|wasm|webmanifest)$/.test(file)) continue;
  const bytes = fs.readFileSync(path.join(folder, file));
  fs.writeFileSync(path.join(folder, `${file}.gz`), gzipSync(bytes, { level: 9 }));
  fs.writeFileSync(
    path.join(folder, `${file}.br`),
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
  );
}
