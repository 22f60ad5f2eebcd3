export default (n) => {
  let x = 1;
  const list = Array.from({ length: n ?? 3000 }, () => (x = (x * 1103515245 + 12345) & 0x7fffffff));
  list.sort((a, b) => a - b);
  return [list[0], list[list.length >> 1], list.at(-1)];
};
