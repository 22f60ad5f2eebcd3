import wabt from 'wabt';

const tools = await wabt();

/** Assembles WebAssembly text. */
export function wat(text: string): Uint8Array {
  return Uint8Array.from(tools.parseWat('test.wat', text).toBinary({}).buffer);
}
