import { type CSSVariablesResolver, createTheme, defaultVariantColorsResolver, type MantineColorsTuple } from '@mantine/core';

/** From paper to ink through the accent of both schemes (`ui/tokens.css`). */
const heap: MantineColorsTuple = [
  '#eaf6ef',
  '#dff0e5',
  '#b7e4c9',
  '#7bd8a3',
  '#4fb981',
  '#2c9562',
  '#1a7a4c',
  '#14683f',
  '#0e5331',
  '#083a22',
];

export const theme = createTheme({
  colors: { heap },
  primaryColor: 'heap',
  primaryShade: { light: 7, dark: 3 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Noto Sans Mono", monospace',
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  // The library decides by the light scheme's shade; the dark one's is light and wants dark words.
  variantColorResolver: (input) => ({
    ...defaultVariantColorsResolver(input),
    ...(input.variant === 'filled' && { color: 'var(--on-accent)' }),
  }),
  components: {
    // Seen without colour, too.
    Anchor: { defaultProps: { underline: 'always' } },
    Card: { defaultProps: { bg: 'var(--surface)' } },
    // Labels stand above their fields and are read with them; 44 px is the least a finger needs.
    Button: { defaultProps: { size: 'md' } },
    TextInput: { defaultProps: { size: 'md' } },
    PasswordInput: { defaultProps: { size: 'md' } },
    NumberInput: { defaultProps: { size: 'md' } },
    Select: { defaultProps: { size: 'md' } },
    Textarea: { defaultProps: { size: 'md' } },
  },
});

/** The library draws with the names of `ui/tokens.css`, so that /join and the console look alike. */
const names = {
  '--mantine-color-body': 'var(--paper)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--ink-soft)',
  '--mantine-color-placeholder': 'var(--ink-soft)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-hover': 'var(--surface-soft)',
  '--mantine-color-default-border': 'var(--line)',
  '--mantine-color-anchor': 'var(--accent)',
  '--mantine-color-error': 'var(--danger)',
  '--mantine-color-red-outline': 'var(--danger)',
};
const contrast = { '--mantine-primary-color-contrast': 'var(--on-accent)' };
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: { ...names, ...contrast },
  dark: { ...names, ...contrast },
});
