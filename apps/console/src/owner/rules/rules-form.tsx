import { Button, Group, NumberInput, Select, SimpleGrid, Stack, Switch, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { DeviceRules } from '#protocol';
import { OWNER } from '../../text/owner.en.js';
import { gridOf, hoursOf, isWhole } from './week-grid.js';
import { WeekGridEditor } from './week-grid-editor.js';

const TEXT = OWNER.rules;
const ZONES = Intl.supportedValuesOf('timeZone');

type Limit = DeviceRules['battery'];
/** The owner's figure, and where work may begin again: `margin` on its good side. */
const limit = (value: number | null, margin: number, most: number): Limit =>
  value === null ? null : { leave: value, enter: Math.min(most, Math.max(0, value + margin)) };

interface Props {
  rules: DeviceRules;
  saving: boolean;
  onSave: (rules: DeviceRules) => void;
}

/** The rules of one device or of new ones, as a week and conditions. What is not shown (tariffs, what stops at once) stays as it is. */
export function RulesForm({ rules: before, saving, onSave }: Props) {
  const [rules, setRules] = useState(before);
  const [grid, setGrid] = useState(() => gridOf(before.hours));
  const set = (change: Partial<DeviceRules>) => setRules((now) => ({ ...now, ...change }));
  const hours = hoursOf(grid);
  const never = hours !== null && hours.length === 0;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!never) onSave({ ...rules, hours });
      }}
    >
      <Stack gap="md">
        <Title order={3} size="h5">
          {TEXT.grid}
        </Title>
        {!isWhole(before.hours) && <Text size="sm">{TEXT.rounded}</Text>}
        <WeekGridEditor grid={grid} onChange={setGrid} />
        {never && (
          <Text c="red" role="alert">
            {TEXT.no_hour}
          </Text>
        )}
        <Select
          label={TEXT.zone}
          data={ZONES.includes(rules.time_zone) ? ZONES : [rules.time_zone, ...ZONES]}
          searchable
          allowDeselect={false}
          maw={320}
          value={rules.time_zone}
          onChange={(time_zone) => time_zone && set({ time_zone })}
        />
        <Title order={3} size="h5">
          {TEXT.conditions}
        </Title>
        <Switch label={TEXT.charging} checked={rules.charging} onChange={(event) => set({ charging: event.currentTarget.checked })} />
        <Switch label={TEXT.unmetered} checked={rules.unmetered} onChange={(event) => set({ unmetered: event.currentTarget.checked })} />
        <Text size="sm" c="dimmed">
          {TEXT.empty_is_off}
        </Text>
        <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
          <Figure
            label={TEXT.idle}
            value={perhaps(rules.idle_ms, 1 / 60_000)}
            max={10_080}
            onChange={(v) => set({ idle_ms: perhaps(v, 60_000) })}
          />
          <Figure
            label={TEXT.battery}
            value={perhaps(rules.battery?.leave ?? null, 100)}
            max={100}
            onChange={(v) => set({ battery: limit(perhaps(v, 0.01, 0.01), 0.03, 1) })}
          />
          <Figure
            label={TEXT.temperature}
            value={rules.temperature_c?.leave ?? null}
            max={120}
            onChange={(v) => set({ temperature_c: limit(v, -3, 120) })}
          />
          <Figure
            label={TEXT.cpu_temperature}
            value={rules.cpu_temperature_c?.leave ?? null}
            max={120}
            onChange={(v) => set({ cpu_temperature_c: limit(v, -10, 120) })}
          />
          <Figure
            label={TEXT.others}
            value={perhaps(rules.others?.leave ?? null, 100)}
            max={100}
            onChange={(v) => set({ others: limit(perhaps(v, 0.01, 0.01), -0.2, 1) })}
          />
          {rules.tariff.length > 0 && (
            <Figure
              label={TEXT.power_price}
              value={rules.power_price?.leave ?? null}
              max={1_000_000}
              decimals={4}
              onChange={(v) => set({ power_price: limit(v, 0, 1_000_000) })}
            />
          )}
        </SimpleGrid>
        <Title order={3} size="h5">
          {TEXT.share}
        </Title>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Figure label={TEXT.slots} value={rules.slots} min={1} max={1_024} onChange={(slots) => set({ slots })} />
          <Figure
            label={TEXT.cpu_share}
            value={perhaps(rules.cpu_share, 100)}
            min={1}
            max={100}
            onChange={(v) => set({ cpu_share: perhaps(v, 0.01, 0.01) })}
          />
        </SimpleGrid>
        <Text size="sm" c="dimmed">
          {TEXT.limits}
        </Text>
        <Group>
          <Button type="submit" loading={saving} disabled={never}>
            {TEXT.save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** @param to the unit of what comes out: shares in whole percent are neither 0.07 nor 7.000000001. */
const perhaps = (value: number | null, factor: number, to = 1): number | null =>
  value === null ? null : Math.round((value * factor) / to) * to;

interface FigureProps {
  label: string;
  value: number | null;
  min?: number;
  max: number;
  decimals?: number;
  onChange: (value: number | null) => void;
}

const Figure = ({ label, value, min = 0, max, decimals = 0, onChange }: FigureProps) => (
  <NumberInput
    label={label}
    value={value ?? ''}
    min={min}
    max={max}
    clampBehavior="strict"
    decimalScale={decimals}
    onChange={(given) => onChange(typeof given === 'number' ? given : null)}
  />
);
