const wait = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
export default async (n) => {
  const count = n ?? 100;
  const started = Date.now();
  const values = await Promise.all(Array.from({ length: count }, async (_, i) => (await wait(count - i, i)) * 2));
  const order = [];
  await Promise.all(
    [3, 1, 2].map(async (i) => {
      await wait(i * 10);
      order.push(i);
    }),
  );
  return [values.reduce((a, b) => a + b, 0), order, Date.now() - started >= 30];
};
