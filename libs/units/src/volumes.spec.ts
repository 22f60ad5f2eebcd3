import { volumeSpace } from './volumes.js';

test.each([
  ['small', 1, { needed: 10, reserved: 12, per_device: 1, quantity: 12 }],
  ['small', 4, { needed: 10, reserved: 12, per_device: 2, quantity: 24 }],
  ['standard', 10, { needed: 40, reserved: 48, per_device: 1, quantity: 48 }],
  ['cold', 17, { needed: 64, reserved: 77, per_device: 2, quantity: 154 }],
] as const)('a %s volume of %i GB asks for a fifth more devices than it needs', (volume_class, gigabytes, space) => {
  expect(volumeSpace(volume_class, gigabytes)).toEqual(space);
});
