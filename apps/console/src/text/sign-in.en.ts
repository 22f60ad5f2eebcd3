export const SIGN_IN = {
  title: 'Sign in',
  email: 'E-mail address',
  password: 'Password',
  name: 'Name',
  go: 'Sign in',
  no_account: 'No account yet?',
  sign_up: 'Make one',
  sign_up_title: 'Make an account',
  sign_up_go: 'Sign up',
  has_account: 'You have an account?',
} as const;
