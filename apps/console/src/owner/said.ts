import { notifications } from '@mantine/notifications';

/** A deed worked: said for a moment, and to screen readers. */
export const said = (message: string): void => {
  notifications.show({ message, autoClose: 4_000 });
};
