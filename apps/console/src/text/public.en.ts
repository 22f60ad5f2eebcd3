/** The pages that everybody may see. */
export const PUBLIC = {
  title: 'An open heap',
  sentence:
    'A market for the idle capacity of devices people already own. Owners lend slots of their devices and are paid for work done; developers run small, sandboxed tasks on them and pay for what was computed.',
  online: (nodes: number) => (nodes === 1 ? 'One device is connected now.' : `${nodes} devices are connected now.`),
  join: 'Let this device join',
  sign_up: 'Run something',
} as const;
