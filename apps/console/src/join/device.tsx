import { useState } from 'react';
import type { AgentView, BrowserAgent } from '../agent/contract.js';
import { sentenceOf } from '../http/api.js';
import { install, useInstallable } from '../pwa/install.js';
import { TEXT } from '../text/en.js';
import { Card } from '../ui/card.js';
import { bytes, duration, number, percent } from '../ui/format.js';
import ui from '../ui/ui.module.css';
import { KindChoice } from './kind-choice.js';

const FUEL_IN_A_MILLION = 1_000_000;

/** What the heap takes the device for, and what working costs it. */
export function Device({ agent, view }: { agent: BrowserAgent; view: AgentView }) {
  const [problem, setProblem] = useState<string | null>(null);
  const installable = useInstallable();
  return (
    <Card head={view.name ?? TEXT.device.head}>
      <KindChoice
        kind={view.kind}
        onChoose={(kind) =>
          void agent.setKind(kind).then(
            () => setProblem(null),
            (error: unknown) => setProblem(sentenceOf(error)),
          )
        }
      />
      {problem !== null && (
        <p className={ui.error} role="alert">
          {problem}
        </p>
      )}
      <dl className={ui.pairs}>
        <Pair name={TEXT.device.givenBack}>{view.give_back_ms === null ? TEXT.device.givenBackNever : duration(view.give_back_ms)}</Pair>
        <Pair name={TEXT.device.battery}>{view.battery_used === null ? TEXT.device.batteryUnknown : percent(view.battery_used)}</Pair>
        <Pair name={TEXT.device.data}>{bytes(view.data_bytes)}</Pair>
        <Pair name={TEXT.device.speed}>{speed(view)}</Pair>
        <Pair name={TEXT.device.version}>{view.agent_version}</Pair>
      </dl>
      {view.screen_kept_on && <p className={ui.small}>{TEXT.device.screen}</p>}
      {installable && (
        <button type="button" className={ui.button} onClick={() => void install()}>
          {TEXT.device.install}
        </button>
      )}
    </Card>
  );
}

function Pair({ name, children }: { name: string; children: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function speed({ speed_fuel_per_ms, speed_from }: AgentView): string {
  if (speed_fuel_per_ms === null) return TEXT.device.notMeasured;
  const said = TEXT.device.speedUnit(number(speed_fuel_per_ms / FUEL_IN_A_MILLION, 1));
  return speed_from === null ? said : `${said}, ${TEXT.device.speedFrom[speed_from]}`;
}
