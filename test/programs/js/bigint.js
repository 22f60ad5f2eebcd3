export default (n) => {
  let [a, b] = [0n, 1n];
  for (let i = 0; i < (n ?? 3000); i++) [a, b] = [b, a + b];
  return a.toString().slice(-40);
};
