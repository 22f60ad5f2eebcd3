import { useEffect, useState } from 'react';
import { WORKLOAD_CLASS_NAMES, WORKLOAD_CLASSES, type WorkloadClass } from '#units';
import { ownerRules, type Person, type Rules, saveOwnerRules, sentenceOf } from '../http/api.js';
import { TEXT } from '../text/en.js';
import { Card } from '../ui/card.js';
import { Switch } from '../ui/switch.js';
import ui from '../ui/ui.module.css';

/** Which sorts of work the owner admits. The rules belong to a person: without a sign-in here they can only be told. */
export function Consent({ person }: { person: Person | null | undefined }) {
  const [rules, setRules] = useState<Rules | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const tell = (error: unknown) => setSaid(sentenceOf(error));
  useEffect(() => {
    if (person) void ownerRules().then(setRules, tell);
  }, [person]);

  function admit(name: WorkloadClass, admitted: boolean) {
    if (rules === null) return;
    const others = rules.workload_classes.filter((one) => one !== name);
    const changed = { ...rules, workload_classes: admitted ? [...others, name] : others };
    setRules(changed);
    void saveOwnerRules(changed).then(
      (saved) => {
        setRules(saved);
        setSaid(TEXT.consent.saved);
      },
      (error: unknown) => {
        setRules(rules);
        tell(error);
      },
    );
  }

  return (
    <Card head={TEXT.consent.head}>
      {rules === null ? (
        <p className={ui.soft}>{TEXT.consent.byOwner}</p>
      ) : (
        <>
          {WORKLOAD_CLASS_NAMES.map((name) => (
            <Switch
              key={name}
              label={capital(WORKLOAD_CLASSES[name])}
              checked={rules.workload_classes.includes(name)}
              onChange={(admitted) => admit(name, admitted)}
            />
          ))}
          <p className={ui.small}>{TEXT.consent.forAll}</p>
        </>
      )}
      <p className={ui.small} role="status">
        {said}
      </p>
    </Card>
  );
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
