import { useHeap } from '../http/use-heap.js';
import { ADMIN } from '../text/admin.en.js';
import { Loaded } from '../ui-kit/loaded.js';
import { Money } from '../ui-kit/money.js';
import { When } from '../ui-kit/when.js';
import { PersonLink } from './heap-link.js';
import { Part, Rows } from './part.js';

const TEXT = ADMIN.money;

/** Codes that give money away, and how much of it is left. */
export function Campaigns({ currency }: { currency: string }) {
  const query = useHeap('/v1/admin/campaigns', {}, { topics: ['admin:money'] });
  return (
    <Part head={TEXT.campaigns}>
      <Loaded query={query}>
        {({ campaigns }) => (
          <Rows
            label={TEXT.campaigns}
            columns={Object.values(TEXT.campaign_columns)}
            empty={TEXT.no_campaigns}
            rows={campaigns.map((one) => [
              one.campaign_id,
              [
                one.code,
                <Money key="granted" micro={one.granted_micro} currency={currency} />,
                <Money key="budget" micro={one.budget_micro} currency={currency} />,
                <Money key="used" micro={one.used_micro} currency={currency} />,
                <When key="at" at={one.ends_at} />,
              ],
            ])}
          />
        )}
      </Loaded>
    </Part>
  );
}

/** Who brings devices for a share of the fee. */
export function Partners({ currency }: { currency: string }) {
  const query = useHeap('/v1/admin/partners', {}, { topics: ['admin:money'] });
  return (
    <Part head={TEXT.partners}>
      <Loaded query={query}>
        {({ partners }) => (
          <Rows
            label={TEXT.partners}
            columns={Object.values(TEXT.partner_columns)}
            empty={TEXT.no_partners}
            rows={partners.flatMap((partner) =>
              partner.links.map(
                (link) =>
                  [
                    link.link_id,
                    [
                      <PersonLink key="name" id={partner.person_id} name={partner.name} />,
                      link.code,
                      link.devices,
                      `${link.share_basis_points / 100} %`,
                      <Money key="earned" micro={link.earned_micro} currency={currency} />,
                    ],
                  ] as const,
              ),
            )}
          />
        )}
      </Loaded>
    </Part>
  );
}
