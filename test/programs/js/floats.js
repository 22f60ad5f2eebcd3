export default () => {
  const nan = new Float64Array([0 / 0, -(0 / 0), Infinity - Infinity, Math.sqrt(-1), Math.log(-1)]);
  return [
    [...new Uint8Array(nan.buffer)].join(),
    Math.sin(1e5),
    Math.exp(1.3),
    2.3 ** 4.5,
    Math.tan(0.7),
    Math.cbrt(3),
    Math.hypot(1, 2, 3),
    Math.log1p(1e-9),
    (0.1).toFixed(20),
    String(1e21),
    Math.atan2(1, 3),
  ];
};
