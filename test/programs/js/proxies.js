export default (n) => {
  const log = [];
  const watched = new Proxy(
    { total: 0 },
    {
      get: (t, k) => {
        log.push(`get ${String(k)}`);
        return t[k];
      },
      set: (t, k, v) => {
        t[k] = v;
        return true;
      },
    },
  );
  for (let i = 0; i < (n ?? 1000); i++) watched.total += i;
  const weak = new WeakMap([[log, 'log']]);
  return [watched.total, log.length, weak.get(log), Reflect.ownKeys(watched)];
};
