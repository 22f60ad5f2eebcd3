export default (n) => {
  const size = n ?? 28;
  const a = Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => i * 0.5 + j));
  const b = a.map((row, i) => row.map((_, j) => i - j * 0.25));
  let trace = 0;
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) for (let k = 0; k < size; k++) trace += a[i][k] * b[k][j];
  return trace;
};
