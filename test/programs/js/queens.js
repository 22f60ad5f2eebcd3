const place = (n, row, columns, left, right) => {
  if (row === n) return 1;
  let found = 0;
  for (let free = ((1 << n) - 1) & ~(columns | left | right); free; free &= free - 1) {
    const bit = free & -free;
    found += place(n, row + 1, columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return found;
};
export default (n) => place(n ?? 7, 0, 0, 0, 0);
