import type { NodeKind } from '#units';

/** Every text of the pages; what the heap and the agent say comes from them as sentences. Another language is another file of this shape. */

/** What a browser may lack, by the feature that the check looks for. */
export const LACKS = {
  head: 'This browser cannot join yet',
  intro: 'The page runs small programs in a closed sandbox and keeps a key for this device. For that it needs what is missing here:',
  secure:
    'A secure page: this one came over plain http, and browsers keep device keys only on pages that came over https. Open the address with https, or ask whoever runs the heap to put https before it.',
  wasm: 'WebAssembly: switch it on in the browser (some hardened modes switch it off), or use a current Chrome, Edge, Firefox or Safari.',
  bigint: 'Whole numbers of 64 bits (BigInt): update the browser.',
  crypto: 'Cryptography for web pages (WebCrypto): update the browser.',
  storage: 'Storage for pages (IndexedDB): leave private browsing, or allow this page to store data.',
  locks: 'Web Locks, which keep two tabs from doing the same work: update the browser.',
  workers: 'Background workers: update the browser.',
  socket: 'WebSockets: update the browser, or ask your network why they are blocked.',
  failed: 'The page could not start. Load it again; if that does not help, update the browser.',
  otherwise: 'Anything that has Node.js can join as well: whoever invited you can make a command for it.',
} as const;

export const TEXT = {
  product: 'Open Heap',

  join: {
    head: 'Let this device earn',
    lead: 'When it has nothing to do, it runs small programs for people who pay for them. You keep the device: it stops the moment you need it.',
    promises: {
      shield: 'Programs run in a closed sandbox: no files, no network, no camera, nothing of yours.',
      plug: 'It works only while charging, on a network that costs nothing by the byte, and with half of the processor.',
      pause: 'You can pause it, or stop and leave, at any time.',
    },
    button: 'Join with this device',
    joining: 'Joining…',
    joiningSentence: 'Making a key that never leaves this device, and measuring how fast it is. This takes a few seconds.',
    invited: 'You were invited: one press is all.',
    signedInAs: (name: string) => `It will belong to ${name}.`,
    notYou: 'Not you? Sign out',
    again: 'Join again',
    left: 'This device has left',
    leftWhole: 'Its work went back to the heap, and its key is forgotten. What it earned stays yours.',
    leftOffline:
      'The heap could not be reached: its key is forgotten here, and the heap will see it as disconnected until you remove it there.',
    leftUndelivered: (count: number) =>
      count === 1 ? 'One finished result could not be delivered any more.' : `${count} finished results could not be delivered any more.`,
    revoked: 'This device was taken out of the heap',
    kind: 'This looks like',
    kindHelp: 'The kind decides how much power its price counts with.',
    wakeLock: 'Keep the screen on while it charges and works',
    wakeLockHelp: 'Phones stop pages when the screen goes dark: without this it works only while you look at it.',
    badInvite:
      'This invitation is no longer good: a code holds once, for ten minutes. Ask for a new one, or sign in and use your own account.',
  },

  account: {
    head: 'Who gets the money?',
    signIn: 'Your account',
    go: 'Go on',
    haveOne: 'I have an account',
    needOne: 'I need an account',
    name: 'Your name',
    email: 'E-mail address',
    password: 'Password',
    passwordHelp: 'At least ten characters.',
  },

  kinds: {
    phone: 'a phone or tablet',
    netbook: 'a small laptop',
    laptop: 'a laptop or computer',
    console: 'a game console',
    settop: 'a television or set-top box',
    board: 'a small board',
    server: 'a server',
  } satisfies Record<NodeKind, string>,

  states: {
    starting: 'Waking up',
    offline: 'Offline',
    ready: 'Waiting for work',
    working: 'Working',
    paused: 'Paused',
    held: 'On hold',
    leaving: 'Leaving',
    stopped: 'Stopped',
    failed: 'It cannot run here',
    elsewhere: 'Running in another tab',
  },
  stateSentences: {
    starting: 'Looking at what an earlier visit left.',
    leaving: 'Handing work back and delivering what is finished.',
    stopped: 'Load the page again to go on.',
    elsewhere: 'One tab works for the whole device. This one takes over when the other closes.',
  },

  earned: {
    today: 'earned today',
    all: 'Earned in all',
    unknown: 'not heard yet',
    head: 'Earnings',
    line: (from: string, to: string) => `Earned in all during this visit: from ${from} to ${to}`,
    soon: 'A line here shows what comes in while this page is open.',
    simulated: 'This heap simulates payments: no real money moves.',
    payouts: 'Earnings and payouts of all your devices (in another tab; this one works on)',
    undelivered: (count: number) => (count === 1 ? 'One result waits to be confirmed.' : `${count} results wait to be confirmed.`),
  },

  hold: {
    head: 'Need it back?',
    for: { 900000: '15 min', 3600000: '1 hour', 28800000: '8 hours' } as Readonly<Record<number, string>>,
    forLabel: 'How long',
    untilResume: 'Until I say',
    button: 'Hold now',
    sentence: 'It stops at once, and its work goes on elsewhere.',
    last: (time: string) => `It stops at once: the last time the device was yours again after ${time}.`,
    resume: 'Go on working',
    left: (time: string) => `Goes on by itself in ${time}.`,
    open: 'Holds until you say so.',
    given: (time: string) => `Given back within ${time}.`,
  },

  work: {
    head: 'What it computes now',
    none: 'Nothing at the moment.',
    for: (sentence: string) => `For a developer who says it is ${sentence}.`,
    unknown: 'For a developer; the heap has not said of what sort it is yet.',
    may: 'What it may see',
    slot: (slot_class: string) => `${slot_class} slot`,
    tasks: (done: number, waiting: number) => `${done} done, ${waiting} waiting`,
    visit: 'Tasks done in this visit',
  },

  device: {
    head: 'This device',
    kind: 'Kind',
    change: 'Change',
    speed: 'Speed',
    speedFrom: { benchmark: 'measured at joining', work: 'measured at work' },
    speedUnit: (millions: string) => `${millions} million steps a millisecond`,
    notMeasured: 'not measured yet',
    battery: 'Battery used for work',
    batteryUnknown: 'the browser does not say',
    data: 'Data used',
    givenBack: 'Given back last time in',
    givenBackNever: 'not needed yet',
    screen: 'The screen is kept on while it works.',
    install: 'Put it on the home screen',
    version: 'Version',
  },

  rules: {
    byHeap: (since: string) => `Since ${since} this device goes by rules that you set at the heap. A change here takes their place.`,
    head: 'When it works',
    charging: 'Only while charging',
    batteryMin: (share: string) => `And only with ${share} of charge or more.`,
    unmetered: 'Only on a network that costs nothing by the byte',
    background: 'Also while another tab or app is in front',
    trust: 'Work although the browser does not tell about battery or network',
    why: 'Why is it so?',
  },

  storage: {
    head: 'Storage',
    what: "Parts of other people's files, encrypted before they come and worth nothing without many others. You are paid for what the device can show that it keeps.",
    label: (room: string) => `How much it may keep. The browser lets this page have ${room}.`,
    none: 'nothing',
    keeps: (kept: string, quota: string, pieces: number) =>
      pieces === 1 ? `It keeps ${kept} of ${quota} in one piece.` : `It keeps ${kept} of ${quota} in ${pieces} pieces.`,
    moved: (moved: string) => `${moved} moved today.`,
    leaving: 'It keeps more than you allow: the heap has two weeks to move what is too much.',
    damaged: (count: number) =>
      count === 1
        ? 'One piece was changed by the browser; the heap knows.'
        : `${count} pieces were changed by the browser; the heap knows.`,
    paused: (sentence: string) => `Nothing is moved now: ${sentence}`,
  },

  consent: {
    head: 'What it may be used for',
    byOwner: 'Whoever invited this device decides; without a word from them it takes ordinary computing, science, media and learning.',
    forAll: 'Holds for all devices of your account.',
    saved: 'Saved.',
  },

  leave: {
    button: 'Stop and leave',
    head: 'Stop, and take this device out of the heap?',
    sentence:
      'Work under way goes back to the heap and somebody else finishes it. The key of this device is forgotten. What it earned stays yours.',
    confirm: 'Stop and leave',
    cancel: 'Stay',
  },

  update: {
    waiting: 'A new version is ready. It starts when nothing is under way.',
    done: 'Updated to the newest version.',
    now: 'Start it now',
  },

  invite: {
    head: 'Invite a device',
    lead: 'Scan this with its camera, or open the link in its browser.',
    left: (time: string) => `Holds once, for another ${time}.`,
    making: 'Making a code…',
    copy: 'Copy the link',
    copied: 'Copied',
    share: 'Send the link',
    qr: 'QR code of the link with which one device joins',
    node: 'With Node.js instead of a browser:',
    joined: (name: string) => `${name} has joined. Here is a code for the next one.`,
    signIn: 'Sign in to invite a device to your account.',
    retry: 'Try again',
  },

  problem: {
    unreachable: 'The heap cannot be reached. Are you online?',
    unexpected: 'Something went wrong on this page. Load it again; work that is finished is kept.',
    reload: 'Load again',
  },
} as const;
