const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
export default (n) => {
  const bytes = Uint8Array.from({ length: n ?? 3000 }, (_, i) => (i * 31) & 255);
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const word = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let k = 18; k >= 0; k -= 6) text += LETTERS[(word >> k) & 63];
  }
  return [text.length, text.slice(0, 16), text.slice(-16)];
};
