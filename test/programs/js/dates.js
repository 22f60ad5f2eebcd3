export default () => {
  const now = new Date();
  const later = new Date(now.getTime() + 86_400_000 * 31);
  return [
    now.toISOString().slice(0, 10),
    later.toISOString().slice(0, 10),
    now.getTimezoneOffset(),
    typeof performance.now(),
    new Date(2024, 1, 29, 12).toISOString(),
  ];
};
