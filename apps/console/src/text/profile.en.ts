export const PROFILE = {
  title: 'Profile',
  lead: 'Who you are here.',
  name: 'Name',
  email: 'E-mail address',
  save: 'Save',
  saved: 'Saved.',
  roles: {
    label: 'What you use this heap for',
    owner: 'Earn with my devices',
    developer: 'Run work on other people’s devices',
    needed: 'Choose at least one.',
  },
  entries: { profile: 'Profile', security: 'Security' },
} as const;
