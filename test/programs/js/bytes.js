/** codec: bytes */
export default (input) => {
  const out = new Uint8Array(input.length || 256);
  for (let i = 0; i < out.length; i++) out[i] = (input.length ? input[i] : i) ^ 0x5a;
  return out;
};
