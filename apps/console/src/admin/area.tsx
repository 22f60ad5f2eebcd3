import { Outlet } from '@tanstack/react-router';
import { FindBox } from './find-box.js';

/** Every page of admins, with the box that finds anything. */
export function AdminArea() {
  return (
    <>
      <FindBox />
      <Outlet />
    </>
  );
}
