const start = [
  [0, 0, 0, 0, 0, 0, 39.47],
  [4.84, -1.16, -0.1, 0.606, 2.81, -0.02, 0.037],
  [8.34, 4.12, -0.4, -1.01, 1.82, 0.008, 0.011],
  [12.8, -15.1, -0.22, 1.08, 0.868, -0.01, 0.0017],
];
export default (n) => {
  const bodies = start.map(([x, y, z, vx, vy, vz, m]) => ({ x, y, z, vx, vy, vz, m }));
  for (let step = 0; step < (n ?? 400); step++) {
    for (const [i, p] of bodies.entries())
      for (const q of bodies.slice(i + 1)) {
        const [dx, dy, dz] = [p.x - q.x, p.y - q.y, p.z - q.z];
        const square = dx * dx + dy * dy + dz * dz;
        const pull = 0.001 / (square * Math.sqrt(square));
        p.vx -= dx * q.m * pull;
        p.vy -= dy * q.m * pull;
        p.vz -= dz * q.m * pull;
        q.vx += dx * p.m * pull;
        q.vy += dy * p.m * pull;
        q.vz += dz * p.m * pull;
      }
    for (const p of bodies) {
      p.x += 0.001 * p.vx;
      p.y += 0.001 * p.vy;
      p.z += 0.001 * p.vz;
    }
  }
  return bodies[0];
};
