import { HeapError } from '#units';
import { bundle } from './bundle.js';
import { type Places, samePlaces } from './places.js';
import { builtin } from './platform.js';
import { importsOf } from './source.js';
import { stripTypes } from './typescript.js';

const TYPED = /\.m?ts$/;
const SCRIPT = /\.(m?[jt]s)$/;

/** What `heap.map` and `heap.run` take as a module. */
export interface TaskFile {
  module: Uint8Array | string;
  places?: Places;
  /** Without its folder. */
  name: string;
}

/**
 * A task from a file: WebAssembly as it is; JavaScript; TypeScript without its types. What it imports is bundled into it. Errors, here and from
 * nodes, name the developer's own files and lines. Needs Node.js.
 * @throws HeapError `no_files` in a browser, `not_a_module`, and what `stripTypes` and `bundle` throw; the file system's own errors.
 */
export async function readTask(file: string): Promise<TaskFile> {
  const fs = builtin('node:fs/promises');
  const path = builtin('node:path');
  if (!fs || !path) throw new HeapError('no_files', 'A page has no files: give the module as bytes or text.', 'developer', { file });
  const bytes = new Uint8Array(await fs.readFile(file));
  const name = path.basename(file);
  if (bytes.length === 0) throw new HeapError('not_a_module', `${file} is empty.`, 'user');
  if (!SCRIPT.test(name)) return { module: bytes, name };
  const own = new TextDecoder().decode(bytes);
  const source = TYPED.test(name) ? await stripTypes(own, name) : own;
  const { count } = importsOf(source, name);
  if (count === 0) return { module: source, places: samePlaces(name), name };
  // As error messages shall call them: seen from the task's own folder.
  const folder = await fs.realpath(path.dirname(path.resolve(file)));
  const named = (whole: string) => path.relative(folder, path.resolve(folder, whole)).split(path.sep).join('/');
  const whole = await bundle(path.join(folder, name), named);
  return { module: whole.source, places: whole.places, name };
}
