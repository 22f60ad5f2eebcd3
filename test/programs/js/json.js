export default (n) => {
  const records = Array.from({ length: n ?? 300 }, (_, id) => ({
    id,
    name: `node ${id}`,
    tags: ['a', 'b', `c${id}`],
    load: { cpu: id * 1.5, on: id % 2 === 0 },
  }));
  const again = JSON.parse(JSON.stringify(records));
  return again.filter((r) => r.load.on).reduce((sum, r) => sum + r.load.cpu + r.tags.join('').length, 0);
};
