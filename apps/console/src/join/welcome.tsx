import { type FormEvent, useState } from 'react';
import { AccountFields, enterAccount } from '../account/account-fields.js';
import type { AgentView, BrowserAgent } from '../agent/contract.js';
import { invitation, type Person, sentenceOf, signOut } from '../http/api.js';
import { TEXT } from '../text/en.js';
import { Icon } from '../ui/icon.js';
import { Switch } from '../ui/switch.js';
import ui from '../ui/ui.module.css';
import { forgetInvite, takeInvite } from './invite-code.js';
import css from './join.module.css';
import { KindChoice } from './kind-choice.js';

const PROMISES = ['shield', 'plug', 'pause'] as const;

interface Props {
  agent: BrowserAgent;
  view: AgentView;
  person: Person | null | undefined;
  look: () => Promise<Person | null>;
}

/** What a device sees that is no node yet: what joining means, and the one button. */
export function Welcome({ agent, view, person, look }: Props) {
  const [invite, setInvite] = useState(takeInvite);
  const [kind, setKind] = useState<AgentView['kind'] | null>(null);
  const [wake_lock, setWakeLock] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const joining = busy || view.state === 'joining';

  async function code(form: FormData): Promise<string> {
    if (invite !== null) return invite;
    if (!person) await enterAccount(form);
    await look();
    return (await invitation()).code;
  }

  async function join(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (joining) return;
    setBusy(true);
    setProblem(null);
    try {
      await agent.join(await code(new FormData(event.currentTarget)), { wake_lock, name: null, kind });
      forgetInvite();
    } catch (error) {
      const refused = invite !== null && (error as { code?: unknown }).code === 'enrolment_code_refused';
      if (refused) {
        forgetInvite();
        setInvite(null);
      }
      setProblem(refused ? TEXT.join.badInvite : sentenceOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form className={ui.card} onSubmit={join}>
      <h1>{TEXT.join.head}</h1>
      <p className={ui.soft}>{TEXT.join.lead}</p>
      <ul className={css.promises}>
        {PROMISES.map((name) => (
          <li key={name}>
            <Icon name={name} />
            {TEXT.join.promises[name]}
          </li>
        ))}
      </ul>
      {problem !== null && (
        <p className={ui.error} role="alert">
          {problem}
        </p>
      )}
      {invite === null && person === null && <AccountFields head={TEXT.account.head} />}
      <KindChoice kind={kind ?? view.kind} onChoose={setKind} />
      <Switch label={TEXT.join.wakeLock} help={TEXT.join.wakeLockHelp} checked={wake_lock} onChange={setWakeLock} />
      <button type="submit" className={ui.primary} disabled={joining || (invite === null && person === undefined)}>
        {joining ? TEXT.join.joining : TEXT.join.button}
      </button>
      <p className={ui.small} role="status">
        {joining ? TEXT.join.joiningSentence : invite !== null ? TEXT.join.invited : person && TEXT.join.signedInAs(person.name)}
      </p>
      {person && invite === null && !joining && (
        <button type="button" className={ui.link} onClick={() => void signOut().then(look)}>
          {TEXT.join.notYou}
        </button>
      )}
    </form>
  );
}
