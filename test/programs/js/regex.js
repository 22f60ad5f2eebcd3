export default (n) => {
  const text = 'node-17 paid 3.25 eur on 2025-07-01; node-18 paid 0.75 eur on 2025-07-02; '.repeat(n ?? 60);
  let sum = 0;
  for (const [, node, amount, , month] of text.matchAll(/node-(\d+) paid (\d+\.\d+) eur on (\d{4})-(\d{2})-\d{2}/g))
    sum += Number(node) + Number(amount) * Number(month);
  return [sum, text.replace(/\d/g, '#').length];
};
