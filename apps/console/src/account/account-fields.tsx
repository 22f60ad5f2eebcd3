import { useState } from 'react';
import { signIn, signUp } from '../http/api.js';
import { TEXT } from '../text/en.js';
import ui from '../ui/ui.module.css';

const PASSWORD_LENGTH_MIN = 10;

/** Which of the two a form is for. */
type AccountMode = 'create' | 'sign-in';

/** Signs in or up with what the fields of a form say. @throws HeapError with the heap's sentence. */
export async function enterAccount(form: FormData): Promise<void> {
  const text = (name: string) => String(form.get(name) ?? '').trim();
  const password = String(form.get('password') ?? '');
  if (form.get('mode') === 'create') await signUp(text('name'), text('email'), password);
  else await signIn(text('email'), password);
}

/** The fields of an account, new or old, for a form that does more than signing in. */
export function AccountFields({ head, begin = 'create' }: { head: string; begin?: AccountMode }) {
  const [mode, setMode] = useState(begin);
  const creating = mode === 'create';
  return (
    <>
      <h2>{head}</h2>
      <input type="hidden" name="mode" value={mode} />
      {creating && <Field name="name" label={TEXT.account.name} type="text" autoComplete="name" />}
      <Field name="email" label={TEXT.account.email} type="email" autoComplete="email" />
      <Field
        name="password"
        label={TEXT.account.password}
        type="password"
        autoComplete={creating ? 'new-password' : 'current-password'}
        minLength={creating ? PASSWORD_LENGTH_MIN : undefined}
        help={creating ? TEXT.account.passwordHelp : undefined}
      />
      <button type="button" className={ui.link} onClick={() => setMode(creating ? 'sign-in' : 'create')}>
        {creating ? TEXT.account.haveOne : TEXT.account.needOne}
      </button>
    </>
  );
}

interface FieldProps {
  name: string;
  label: string;
  type: string;
  autoComplete: string;
  minLength?: number | undefined;
  help?: string | undefined;
}

function Field({ name, label, type, autoComplete, minLength, help }: FieldProps) {
  return (
    <label className={ui.field}>
      <span>{label}</span>
      <input name={name} type={type} autoComplete={autoComplete} minLength={minLength} maxLength={128} required />
      {help !== undefined && <span className={ui.small}>{help}</span>}
    </label>
  );
}
