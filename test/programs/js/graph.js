export default (n) => {
  const size = n ?? 400;
  const edges = Array.from({ length: size }, (_, i) => [
    [(i * 7 + 1) % size, (i % 9) + 1],
    [(i * 13 + 5) % size, (i % 5) + 2],
    [(i + 1) % size, 11],
  ]);
  const distance = new Array(size).fill(Infinity);
  const queue = [[0, 0]];
  distance[0] = 0;
  while (queue.length) {
    queue.sort((a, b) => b[0] - a[0]);
    const [d, at] = queue.pop();
    if (d > distance[at]) continue;
    for (const [to, cost] of edges[at])
      if (d + cost < distance[to]) {
        distance[to] = d + cost;
        queue.push([distance[to], to]);
      }
  }
  return distance.reduce((a, b) => a + b, 0);
};
