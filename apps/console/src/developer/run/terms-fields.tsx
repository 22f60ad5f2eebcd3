import { Button, Collapse, NumberInput, Select, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { SLOT_CLASSES, type SlotClass } from '#units';
import { RUN } from '../../text/run.en.js';
import { FUEL_LIMIT, type TermsDraft } from './draft.js';
import type { TermsFaults } from './terms.js';

const TEXT = RUN.terms;
const MILLION = 1_000_000;

interface Props {
  terms: TermsDraft;
  faults: TermsFaults;
  onChange: (change: Partial<TermsDraft>) => void;
}

/** What a job pays and takes at the most; all of it may be left alone. */
export function TermsFields({ terms, faults, onChange }: Props) {
  const [more, { toggle }] = useDisclosure(terms.fuel_limit !== FUEL_LIMIT);
  const whole = (key: 'slots', least: number, most: number) => (value: number | string) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) onChange({ [key]: value });
  };
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextInput
          label={TEXT.cap}
          description={TEXT.cap_hint}
          inputMode="decimal"
          value={terms.cap}
          error={faults.cap}
          onChange={({ currentTarget }) => onChange({ cap: currentTarget.value })}
        />
        <TextInput
          label={TEXT.max_price}
          description={TEXT.max_price_hint}
          inputMode="decimal"
          value={terms.max_price}
          error={faults.max_price}
          onChange={({ currentTarget }) => onChange({ max_price: currentTarget.value })}
        />
      </SimpleGrid>
      <Collapse expanded={more}>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <Select
            label={TEXT.slot_class}
            data={SLOT_CLASSES.map((value) => ({ value, label: TEXT.classes[value] }))}
            value={terms.slot_class}
            allowDeselect={false}
            onChange={(value) => value && onChange({ slot_class: value as SlotClass })}
          />
          <NumberInput
            label={TEXT.slots}
            value={terms.slots}
            min={1}
            max={10_000}
            allowDecimal={false}
            onChange={whole('slots', 1, 10_000)}
          />
          <NumberInput
            label={TEXT.fuel_limit}
            description={TEXT.fuel_limit_hint}
            value={terms.fuel_limit / MILLION}
            min={1}
            max={1_000_000_000}
            allowDecimal={false}
            thousandSeparator=" "
            onChange={(value) => {
              if (typeof value === 'number' && value >= 1 && value <= 1_000_000_000) onChange({ fuel_limit: Math.round(value) * MILLION });
            }}
          />
        </SimpleGrid>
      </Collapse>
      <Button variant="subtle" size="sm" onClick={toggle} aria-expanded={more} style={{ alignSelf: 'flex-start' }}>
        {more ? TEXT.less : TEXT.more}
      </Button>
    </Stack>
  );
}
