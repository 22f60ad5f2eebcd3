function* naturals() {
  for (let i = 1; ; i++) yield i;
}
function* where(test, source) {
  for (const x of source) if (test(x)) yield x;
}
export default (n) => {
  const found = [];
  for (const x of where((i) => i % 7 === 3, naturals())) {
    found.push(x);
    if (found.length === (n ?? 500)) break;
  }
  return found.reduce((a, b) => a + b, 0);
};
