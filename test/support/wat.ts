import wabt from 'wabt';

const tools = await wabt();

/** Assembles WebAssembly text; `names` keeps those of its functions. */
export function wat(text: string, names = false): Uint8Array {
  return Uint8Array.from(tools.parseWat('test.wat', text).toBinary({ write_debug_names: names }).buffer);
}
