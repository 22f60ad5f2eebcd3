/** What the pages about jobs and their tasks say. */
export const JOBS = {
  title: 'Jobs',
  lead: 'Everything you had done, newest first: what it waits for, how far it is, what it cost.',
  run: 'Run something',
  search: 'Find by name or id',
  phase: 'Which jobs',
  phases: { all: 'All', live: 'Not over', over: 'Over' },
  states: { QUEUED: 'waiting', RUNNING: 'running', DONE: 'done', CANCELLED: 'cancelled', STOPPED: 'stopped' },
  unnamed: 'without a name',
  columns: { name: 'Job', state: 'State', tasks: 'Tasks', cost: 'Cost', why: 'Why', placed: 'Placed' },
  table: 'Your jobs',
  none: { title: 'No jobs yet', sentence: 'Run an example from this page: it takes a minute and shows how everything looks.' },
  none_found: {
    title: 'Nothing fits',
    sentence: 'No job of yours has this name or id in this state. Another word, or all states, may find it.',
  },
  more: 'More',
  settled: (settled: number, total: number, failed: number) =>
    `${settled.toLocaleString('en')}/${total.toLocaleString('en')}${failed > 0 ? `, ${failed.toLocaleString('en')} failed` : ''}`,
} as const;

export const JOB = {
  title: (name: string) => name || 'A job without a name',
  facts: {
    state: 'State',
    tasks: 'Tasks',
    charged: 'Charged',
    budget: 'Cap',
    held: 'Held',
    energy: 'Energy',
    placed: 'Placed',
    ended: 'Ended',
    slots: 'Slots',
    price: 'Highest price',
    checking: 'Checking',
    retry_of: 'Runs again tasks of',
  },
  joules: (joules: string) => `about ${joules} J`,
  slots: (slots: number, slot_class: string) => `${slots.toLocaleString('en')} × ${slot_class}`,
  progress: (done: number, failed: number, leased: number, queued: number, cancelled: number) =>
    [
      `${done} done`,
      failed && `${failed} failed`,
      leased && `${leased} on devices`,
      queued && `${queued} waiting`,
      cancelled && `${cancelled} cancelled`,
    ]
      .filter(Boolean)
      .join(', '),
  tabs: { tasks: 'Tasks', checks: 'Checking', receipt: 'Receipt', terms: 'Terms', objections: 'Objections' },
  cancel: {
    do: 'Stop the job',
    title: 'Stop this job?',
    sentence: 'What is finished stays paid, the rest of the money comes back at once. Cancelled tasks can run again later.',
    yes: 'Stop it',
    no: 'Let it run',
  },
  retry: {
    do: (failed: number) => (failed === 1 ? 'Run the failed task again' : `Run ${failed.toLocaleString('en')} failed tasks again`),
    cancelled: (count: number) => `Run ${count.toLocaleString('en')} cancelled tasks again`,
    title: 'Run again',
    sentence:
      'A job of its own is placed, with the same code and terms and money of its own. What a task does follows from its input: one that failed by an error fails again, one that ran out of fuel needs a higher limit.',
    fuel: 'Fuel limit of a task, in millions',
    fuel_hint: 'Empty: as before.',
    cap: 'Cap',
    cap_hint: 'Empty: what these tasks can cost at most, up to the first cap.',
    yes: 'Run again',
    close: 'Close',
  },
  tasks: {
    table: 'Tasks of the job',
    state: 'State',
    verdict: 'Ended by',
    all: 'All',
    states: { QUEUED: 'waiting', LEASED: 'on a device', DONE: 'done', FAILED: 'failed', CANCELLED: 'cancelled' },
    columns: { index: 'Task', state: 'State', why: 'Why', attempts: 'Runs', fuel: 'Fuel', cost: 'Cost', node: 'Device', ended: 'Ended' },
    none: { title: 'No such tasks', sentence: 'No task of this job is in this state and ended in this way.' },
    look: (index: number) => `Look at task ${index}`,
  },
  task: {
    title: (index: number) => `Task ${index}`,
    close: 'Close',
    run: (n: number) => `Run ${n}`,
    outcomes: {
      accepted: 'counted and paid',
      retried: 'ended without a result',
      lost: 'lost with its device',
      superseded: 'overtaken by another run',
      checked: 'a check of another run',
    },
    logs: 'What it wrote, the last 4 KiB',
    no_logs: 'It wrote nothing.',
    none: 'It has not been on a device yet.',
    facts: { device: 'Device', lease: 'Lease', fuel: 'Fuel', cost: 'Cost', energy: 'Energy', ended: 'Ended' },
  },
  checks: {
    level: (level: string) => `Level ${level}`,
    standing: { provisional: 'provisional', final: 'final', refuted: 'proven wrong', unchecked: 'not checked' },
    drawn: (p: number, f: number, r: number, u: number) => `${f} final, ${p} provisional, ${r} proven wrong, ${u} not checked`,
    checked: 'Checks',
    checks: (waiting: number, agreed: number, differed: number) => `${agreed} agreed, ${differed} differed, ${waiting} under way`,
    by: (nodes: number, reference: number) => `${nodes} by other owners’ devices, ${reference} by the heap itself`,
    paid_back: 'Paid back',
    error: 'Wrong results among final ones, at most',
    factor: 'A task costs',
    executions: (n: string) => `${n} runs`,
    unknown: 'nobody checks at this level',
    verifier: {
      title: 'Your own verifier',
      state: { active: 'looks at every result', stopped: 'stopped', closed: 'done' },
      counts: (r: {
        waiting: number;
        accepted: number;
        upheld: number;
        overruled: number;
        failed: number;
        skipped: number;
        rejected: number;
      }) =>
        `${r.accepted} accepted, ${r.upheld + r.overruled + r.rejected} rejected, ${r.failed} failed, ${r.skipped} not looked at, ${r.waiting} waiting`,
      results: 'Results',
      cost: 'Cost so far, of at most',
      of: 'of',
      rejections: 'Rejected by your verifier',
      none: 'It has rejected nothing.',
      task: (index: number) => `Task ${index}`,
    },
  },
  receipt: {
    lead: 'What was paid for, lease by lease. The lines add up to the charge.',
    table: 'Leases that were paid',
    columns: { lease: 'Lease', node: 'Device', round: 'Round', price: 'Price', tasks: 'Tasks', fuel: 'Fuel', charge: 'Charge' },
    sum: 'Sum',
    adds_up: 'The lines add up to the charge.',
    does_not: 'The lines do not add up to the charge: tell the operator of this heap.',
    returned: 'Returned',
    fee: 'of which the heap’s fee',
    price_holds: 'Check the prices in your browser: open a round.',
    none: { title: 'Nothing was paid yet', sentence: 'A line appears with the first task that counts.' },
    download: 'Download the receipt',
  },
  terms: {
    module: 'Code',
    may: 'What its tasks may see',
    nothing: 'Their input, and nothing else.',
    class: 'Kind of work',
    deadline: 'Deadline',
  },
  objections: {
    lead: 'If results are wrong, say so before the money is released: the release stops until somebody has decided.',
    open: 'Object',
    tasks: 'Tasks',
    tasks_hint: 'Numbers with commas between them. Empty: all work of this job that was not released yet.',
    bad_tasks: 'Write task numbers like 3, 17, 20.',
    reason: 'What is wrong',
    reason_missing: 'Say in a sentence what is wrong.',
    none: { title: 'No objections', sentence: 'Nobody has objected to work of this job.' },
    decide_by: 'To be decided by',
  },
} as const;
