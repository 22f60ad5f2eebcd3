import { multiply } from '../galois.js';
import { DIGEST_BYTES, sha256 } from '../sha256.js';
import type { Kernel } from './kernel.js';

/** The products of a factor with every byte, made when it is first met. */
const products: Uint8Array[] = [];
const productsOf = (factor: number): Uint8Array => {
  products[factor] ??= Uint8Array.from({ length: 256 }, (_, value) => multiply(value, factor));
  return products[factor];
};

/** A table lookup for each byte: what runs where WebAssembly or its vectors are missing, and what the vectors are tested against. */
export const scalarKernel: Kernel = {
  name: 'scalar',
  apply(rows, inputs, outputs) {
    for (const [r, output] of outputs.entries()) {
      output.fill(0);
      for (const [i, input] of inputs.entries()) {
        const factor = rows[r]?.[i] ?? 0;
        if (factor === 0) continue;
        const product = productsOf(factor);
        for (let x = 0; x < input.length; x++) output[x] = (output[x] as number) ^ (product[input[x] as number] as number);
      }
    }
  },
  digests(prefix, messages, size) {
    const first = Uint8Array.of(prefix);
    const digests = new Uint8Array((messages.length / size) * DIGEST_BYTES);
    for (let i = 0; i < messages.length / size; i++)
      digests.set(sha256(first, messages.subarray(i * size, (i + 1) * size)), i * DIGEST_BYTES);
    return digests;
  },
};
