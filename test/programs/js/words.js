const TEXT = 'the heap is a market for the idle capacity of devices people own and the heap pays the owners of devices ';
export default (n) => {
  const counts = new Map();
  for (const word of TEXT.repeat(n ?? 60).split(' ')) if (word) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 5);
};
