import type { BuildFailure, Message, Metafile } from 'esbuild';
import { HTTP_LIMITS } from '#protocol';
import { HeapError } from '#units';
import type { Places } from './places.js';
import { isBuiltin, packageOf } from './platform.js';
import { mappedPlaces } from './source-map.js';

interface Bundle {
  source: string;
  places: Places;
}

/** What esbuild says of a built-in module of Node.js, by name. */
const BUILT_IN = /^Could not resolve "((?:node:)?(?:[a-z_]+)(?:\/[a-z]+)?)"/;

/**
 * One file with everything it imports, by esbuild, without a tsconfig. Needs Node.js and the package esbuild.
 * @throws HeapError `imports_refused` for modules that are not there or that tasks do not have, `not_javascript`, `module_too_large`.
 */
export async function bundle(path: string, named: (path: string) => string): Promise<Bundle> {
  const { build } = await esbuild();
  const folder = path.replace(/[\\/][^\\/]*$/, '') || '/';
  try {
    const { outputFiles, metafile } = await build({
      entryPoints: [path],
      absWorkingDir: folder,
      outfile: `${folder}/task.js`,
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'neutral',
      mainFields: ['module', 'main'],
      target: 'es2023',
      sourcemap: 'external',
      sourcesContent: false,
      legalComments: 'none',
      tsconfigRaw: {},
      metafile: true,
      logLevel: 'silent',
    });
    const text = (end: string) => outputFiles.find((file) => file.path.endsWith(end))?.text ?? '';
    const source = text('task.js');
    refuseLarge(source, metafile, named(path));
    return { source, places: mappedPlaces(JSON.parse(text('.map')), (file) => named(`${folder}/${file}`)) };
  } catch (error) {
    const [first] = (error as Partial<BuildFailure>).errors ?? [];
    throw first ? refusal(first, (file) => named(`${folder}/${file}`)) : error;
  }
}

async function esbuild(): Promise<typeof import('esbuild')> {
  try {
    return await packageOf('esbuild');
  } catch {
    throw new HeapError('no_bundler', 'A task that imports other files needs the package esbuild: `npm install esbuild`.', 'developer');
  }
}

function refusal({ text, location }: Message, named: (file: string) => string): HeapError {
  const place = location && { file: named(location.file), line: location.line, column: location.column + 1 };
  const where = place ? `${place.file}:${place.line}` : 'The module';
  const [, missing] = /^Could not resolve "([^"]*)"/.exec(text) ?? [];
  if (missing === undefined) return new HeapError('not_javascript', `${where} cannot be bundled: ${text}.`, 'developer', { ...place });
  const why =
    BUILT_IN.test(text) && isBuiltin(missing)
      ? 'which is a part of Node.js: tasks see no files, no network and no process, only their input'
      : 'which is not there: is the path right, or the package installed?';
  return new HeapError('imports_refused', `${where} imports "${missing}", ${why}.`, 'developer', { ...place, missing });
}

function refuseLarge(source: string, { outputs }: Metafile, name: string): void {
  const bytes = new TextEncoder().encode(source).length;
  if (bytes <= HTTP_LIMITS.source_bytes) return;
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  const largest = inputs
    .sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput)
    .slice(0, 3)
    .map(([file, { bytesInOutput }]) => `${file} ${bytesInOutput}`);
  throw new HeapError(
    'module_too_large',
    `${name} and what it imports make ${bytes} bytes; a heap takes ${HTTP_LIMITS.source_bytes} of JavaScript. The largest: ${largest.join(', ')}.`,
    'developer',
    { bytes, bytes_max: HTTP_LIMITS.source_bytes },
  );
}
