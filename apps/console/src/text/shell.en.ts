/** What surrounds every page of the console. */
export const SHELL = {
  brand: 'Open heap',
  skip: 'Skip to the content',
  navigation: 'Parts of the console',
  menu: { open: 'Open the navigation', close: 'Close the navigation' },
  sign_in: 'Sign in',
  sign_up: 'Sign up',
  sign_out: 'Sign out',
  scheme: { label: 'Appearance', auto: 'As the system', light: 'Light', dark: 'Dark' },
  sections: { owner: 'My devices', developer: 'My work', market: 'Market', admin: 'Heap', account: 'Account' },
  not_found: {
    title: 'There is no such page',
    sentence: 'The address has a typing error, or what it named has been removed.',
    home: 'To the front page',
  },
  problem: {
    title: 'That did not work',
    retry: 'Try again',
    request: (id: string) => `Request ${id}`,
    unexpected: 'The console itself has a defect here. Loading the page again usually helps; nothing that the heap holds is lost.',
  },
  live: {
    live: 'Live',
    live_sentence: 'What you see follows the heap.',
    catching_up: 'Catching up',
    catching_up_sentence: 'The connection is being made; what changed meanwhile comes with it.',
    offline: 'Offline',
    offline_since: (time: string) => `The heap cannot be reached since ${time}. What you see may be older; it is tried again by itself.`,
  },
  as_table: 'As a table',
  as_chart: 'As a chart',
  loading: 'Loading',
} as const;
