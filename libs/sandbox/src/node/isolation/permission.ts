/** Node.js's permission model: no file but these, no process, no worker, no addon. Null where this Node.js has none. */
export function permissionFlags(readable: readonly string[]): string[] | null {
  const flag = ['--permission', '--experimental-permission'].find((name) => process.allowedNodeEnvironmentFlags.has(name));
  return flag === undefined ? null : [flag, ...readable.map((path) => `--allow-fs-read=${path}`)];
}
