export default (n, ctx) => {
  let inside = 0;
  const points = n ?? 20000;
  for (let i = 0; i < points; i++) inside += ctx.random() ** 2 + Math.random() ** 2 < 1;
  return (4 * inside) / points;
};
