// The agent as one file, dist/agent/heap-agent.mjs: it needs Node.js 20.19 or later and nothing else. The programs of sandbox processes and the
// JavaScript engine are inside, compressed; the agent puts the programs into its own folder, where the processes may read them and nothing else.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '../..');
const outfile = path.join(root, 'dist/agent/heap-agent.mjs');

const options = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  conditions: ['source'],
  minify: true,
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
  // Packages in the old format ask for Node.js's own modules in the old way.
  banner: { js: "import { createRequire as requireFrom } from 'node:module';const require = requireFrom(import.meta.url);" },
  // ws looks for these and does without.
  external: ['bufferutil', 'utf-8-validate'],
};

const program = async (file) => {
  const { outputFiles } = await build({ ...options, entryPoints: [file], write: false });
  return Buffer.from(outputFiles[0].contents);
};
const packed = (bytes) => JSON.stringify(brotliCompressSync(bytes).toString('base64'));
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');

const child = await program('libs/sandbox/src/node/child.ts');
const reach = await program('libs/sandbox/src/node/isolation/reach.ts');
const engine = fs.readFileSync(createRequire(import.meta.url).resolve('quickjs-wasi/quickjs.wasm'));

/** Stands for libs/sandbox/src/node/programs.ts. What is there already is used only if it is what was bundled, to the byte. */
const programs = `
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
const CHILD = { file: 'sandbox-${hash(child).slice(0, 16)}.mjs', hash: '${hash(child)}', text: ${packed(child)} };
const REACH = { file: 'reach-${hash(reach).slice(0, 16)}.mjs', hash: '${hash(reach)}', text: ${packed(reach)} };
const ENGINE = ${packed(engine)};
const unpack = (text) => brotliDecompressSync(Buffer.from(text, 'base64'));
let folder;
function holds(file, hash) {
  try { return createHash('sha256').update(fs.readFileSync(file)).digest('hex') === hash; } catch { return false; }
}
function place({ file, hash, text }) {
  const target = path.join(folder, file);
  if (holds(target, hash)) return;
  const draft = target + '.' + process.pid;
  fs.writeFileSync(draft, unpack(text), { mode: 0o600 });
  fs.renameSync(draft, target);
}
export function placePrograms(dir) {
  fs.mkdirSync(path.join(dir, 'programs'), { recursive: true, mode: 0o700 });
  folder = fs.realpathSync(path.join(dir, 'programs'));
  const wanted = [CHILD.file, REACH.file];
  for (const name of fs.readdirSync(folder)) if (!wanted.includes(name)) fs.rmSync(path.join(folder, name), { force: true });
  place(CHILD);
  place(REACH);
}
export const childProgram = () => path.join(folder, CHILD.file);
export const reachProgram = () => path.join(folder, REACH.file);
export const engineBytes = () => unpack(ENGINE);
export const readableFiles = () => [folder + path.sep];
`;

const inlined = {
  name: 'programs',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/programs\.js$/ }, ({ importer }) =>
      importer.includes(path.join('libs', 'sandbox')) ? { path: 'programs', namespace: 'programs' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'programs' }, () => ({ contents: programs, loader: 'js', resolveDir: root }));
  },
};

await build({
  ...options,
  entryPoints: ['apps/agent/src/main.ts'],
  outfile,
  plugins: [inlined],
  banner: { js: `#!/usr/bin/env node\n${options.banner.js}` },
});
fs.chmodSync(outfile, 0o755);
console.log(`${path.relative(root, outfile)}: ${(fs.statSync(outfile).size / 1024).toFixed(0)} KiB`);
