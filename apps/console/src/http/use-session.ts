import { useCallback, useEffect, useState } from 'react';
import { type Person, session } from './api.js';

/** Who is signed in; `undefined` until that is known. Offline nobody is. */
export function useSession(): { person: Person | null | undefined; look: () => Promise<Person | null> } {
  const [person, setPerson] = useState<Person | null>();
  const look = useCallback(async () => {
    const found = await session().catch(() => null);
    setPerson(found);
    return found;
  }, []);
  useEffect(() => void look(), [look]);
  return { person, look };
}
