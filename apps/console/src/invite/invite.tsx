import { useState } from 'react';
import { TEXT } from '../text/en.js';
import { countdown } from '../ui/format.js';
import ui from '../ui/ui.module.css';
import { useNow } from '../ui/use-now.js';
import css from './invite.module.css';
import { QrCode } from './qr-code.js';
import { useInvitation } from './use-invitation.js';

/** How long the heap lets a code hold; a little less, so that none is shown that is over. */
const LASTS_MS = 590_000;

/** The code as a picture, as a link, and as a command for devices without a browser. */
export function Invite() {
  const { invitation, until_ms, joined, problem, again } = useInvitation(LASTS_MS);
  const now_ms = useNow(1_000, invitation !== null);
  return (
    <section className={`${ui.card} ${css.invite}`}>
      <h1>{TEXT.invite.head}</h1>
      <p role="status" className={joined === null ? ui.soft : ui.notice}>
        {joined === null ? TEXT.invite.lead : TEXT.invite.joined(joined)}
      </p>
      {problem !== null && (
        <>
          <p className={ui.error} role="alert">
            {problem}
          </p>
          <button type="button" className={ui.button} onClick={again}>
            {TEXT.invite.retry}
          </button>
        </>
      )}
      {invitation === null ? (
        problem === null && <p className={ui.soft}>{TEXT.invite.making}</p>
      ) : (
        <>
          <QrCode text={invitation.join_url} label={TEXT.invite.qr} />
          <p className={css.left} role="timer">
            {TEXT.invite.left(countdown(until_ms - now_ms))}
          </p>
          {invitation.join_hint !== null && <p className={ui.notice}>{invitation.join_hint}</p>}
          <Ways key={invitation.code} url={invitation.join_url} />
          <p className={ui.small}>
            {TEXT.invite.node} <code className={css.command}>{invitation.command}</code>
          </p>
        </>
      )}
    </section>
  );
}

/** Ways to bring the link to the device other than the camera. */
function Ways({ url }: { url: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <div className={ui.row}>
      <button type="button" className={ui.button} onClick={() => void navigator.clipboard.writeText(url).then(() => setCopied(true))}>
        {copied ? TEXT.invite.copied : TEXT.invite.copy}
      </button>
      {'share' in navigator && (
        <button type="button" className={ui.button} onClick={() => void navigator.share({ url }).catch(() => undefined)}>
          {TEXT.invite.share}
        </button>
      )}
    </div>
  );
}
