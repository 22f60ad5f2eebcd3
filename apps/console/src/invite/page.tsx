import { type FormEvent, useState } from 'react';
import { AccountFields, enterAccount } from '../account/account-fields.js';
import { sentenceOf } from '../http/api.js';
import { useSession } from '../http/use-session.js';
import { TEXT } from '../text/en.js';
import { Mark } from '../ui/mark.js';
import ui from '../ui/ui.module.css';
import { Invite } from './invite.js';

/** /join/invite: a signed-in owner shows a code to one more device. */
export function InvitePage() {
  const { person, look } = useSession();
  return (
    <main className={ui.page}>
      <header className={ui.header}>
        <Mark />
        <span>{TEXT.product}</span>
      </header>
      {person === null && <SignIn onSignedIn={look} />}
      {person && <Invite />}
    </main>
  );
}

function SignIn({ onSignedIn }: { onSignedIn(): Promise<unknown> }) {
  const [problem, setProblem] = useState<string | null>(null);
  async function enter(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    try {
      await enterAccount(new FormData(event.currentTarget));
      await onSignedIn();
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  }
  return (
    <form className={ui.card} onSubmit={enter}>
      <h1>{TEXT.invite.head}</h1>
      <p className={ui.soft}>{TEXT.invite.signIn}</p>
      {problem !== null && (
        <p className={ui.error} role="alert">
          {problem}
        </p>
      )}
      <AccountFields head={TEXT.account.signIn} begin="sign-in" />
      <button type="submit" className={ui.primary}>
        {TEXT.account.go}
      </button>
    </form>
  );
}
