import { HTTP_LIMITS, ROUTES } from '#protocol';
import { HeapError } from '#units';
import { fromUtf8, sha256, toUtf8 } from './bytes.js';
import type { HttpClient } from './http.js';
import { type Places, placeText } from './places.js';
import { checkModule, FUNCTION_PLACES, moduleOf } from './source.js';
import { readTask } from './task-file.js';

/** How inputs and outputs map to bytes: `json` values, or `bytes` as they are. */
export type Codec = 'bytes' | 'json';

/** A WebAssembly module (WASI preview 1) or the source of a JavaScript module whose default export is the handler. */
export interface ModuleInput {
  module: Uint8Array | string;
  /** Default: `bytes` for WebAssembly, `json` for JavaScript. WebAssembly reads either from standard input and writes it to standard output. */
  codec?: Codec;
  /** Tells the developer's own places in errors, where the source was made from other files; `readTask` sets it. */
  places?: Places;
}

/** A task in a file, for Node.js: `.wasm`, `.js` or `.ts`; what a script imports is bundled. */
export interface FileInput {
  file: string;
  codec?: Codec;
}

/** What a heap can be given to do. */
export type Work = ModuleInput | FileInput | ((...args: never[]) => unknown);

export interface UploadedModule {
  hash: string;
  /** How values map to bytes on our side. */
  codec: Codec;
  /** How a node hands them to the program: WebAssembly sees bytes whatever they mean to us. */
  node_codec: Codec;
  places: Places | undefined;
}

interface Code {
  kind: 'wasm' | 'javascript';
  codec: Codec;
  bytes: Uint8Array;
  places?: Places | undefined;
}

const isWasm = (bytes: Uint8Array) => bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;

/**
 * Refuses, without asking a heap, what no node could run: `closure_captured`, `not_in_task`, `imports_refused`, `no_handler` and so on for
 * JavaScript, `module_too_large`, `not_a_module`. A heap may still find that a WebAssembly module is not valid.
 */
export function checkWork(what: ModuleInput | ((...args: never[]) => unknown)): void {
  codeOf(what);
}

/** @throws HeapError as `checkWork` says. */
function codeOf(what: ModuleInput | ((...args: never[]) => unknown)): Code {
  const code = typeof what === 'function' ? fromSource(moduleOf(what), 'json', FUNCTION_PLACES) : fromInput(what);
  const [bytes_max, of] = code.kind === 'wasm' ? [HTTP_LIMITS.module_bytes, 'WebAssembly'] : [HTTP_LIMITS.source_bytes, 'JavaScript'];
  if (code.bytes.length > bytes_max)
    throw new HeapError('module_too_large', `The module has ${code.bytes.length} bytes; a heap takes ${bytes_max} of ${of}.`, 'developer', {
      bytes: code.bytes.length,
      bytes_max,
    });
  return code;
}

const fromSource = (source: string, codec: Codec, places?: Places): Code => ({ kind: 'javascript', codec, bytes: toUtf8(source), places });

function fromInput({ module, codec, places }: ModuleInput): Code {
  if (typeof module !== 'string' && isWasm(module)) return { kind: 'wasm', codec: codec ?? 'bytes', bytes: module };
  let source: string;
  try {
    source = typeof module === 'string' ? module : fromUtf8(module);
  } catch {
    throw new HeapError('not_a_module', 'These bytes are neither a WebAssembly module nor JavaScript in UTF-8.', 'developer');
  }
  checkModule(source, 'module', places);
  return fromSource(source, codec ?? 'json', places);
}

/** The hash under which a heap keeps it; nothing is sent. @throws HeapError as `checkWork` says. */
export async function hashOf(what: Work): Promise<string> {
  return sha256(codeOf('file' in what ? await fromFile(what) : what).bytes);
}

async function fromFile({ file, codec }: FileInput): Promise<ModuleInput> {
  const { name: _, ...task } = await readTask(file);
  return { ...task, ...(codec && { codec }) };
}

/** A refusal by the heap with the developer's own file and line. */
function inOwnFile(error: unknown, places: Places | undefined): unknown {
  if (!(error instanceof HeapError) || error.code !== 'module_refused') return error;
  const { line, reason } = error.details;
  const place = typeof line === 'number' && typeof reason === 'string' ? places?.at(line, 1) : null;
  if (!place || place.file === null) return error;
  return new HeapError(error.code, `The module was refused at ${placeText(place)}: ${reason}.`, error.fault, {
    ...error.details,
    file: place.file,
    line: place.line,
  });
}

/** Uploads each module once per heap object; the heap keeps it under its hash for good. */
export class ModuleStore {
  readonly #uploads = new Map<string, Promise<void>>();
  constructor(private readonly http: HttpClient) {}

  /** @throws HeapError `module_refused` when the heap finds that it cannot run. */
  async put(what: Work, signal?: AbortSignal): Promise<UploadedModule> {
    const code = codeOf('file' in what ? await fromFile(what) : what);
    const hash = await sha256(code.bytes);
    const key = `${code.kind}:${hash}`;
    const upload = this.#uploads.get(key) ?? this.#upload(code, hash, signal);
    this.#uploads.set(key, upload);
    upload.catch(() => this.#uploads.delete(key));
    await upload;
    return { hash, codec: code.codec, node_codec: code.kind === 'wasm' ? 'bytes' : code.codec, places: code.places };
  }

  async #upload({ kind, bytes, places }: Code, hash: string, signal?: AbortSignal): Promise<void> {
    const sent = { query: { kind }, body: bytes, repeatable: true, timeout_ms: 120_000, signal };
    const module = await this.http.call(ROUTES.putModule, sent).catch((error: unknown) => {
      throw inOwnFile(error, places);
    });
    if (module.hash !== hash)
      throw new HeapError('hash_mismatch', 'The heap stored other bytes than we sent: do not use it.', 'platform', {
        sent: hash,
        stored: module.hash,
      });
  }
}
