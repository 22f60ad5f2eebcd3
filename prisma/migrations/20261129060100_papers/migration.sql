-- Promotions, partners, statements and invoices, manual journals of two admins, and the log of what admins did.

-- AlterTable
ALTER TABLE "capture" ADD COLUMN     "partner" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "partner_id" UUID,
ADD COLUMN     "promo" BIGINT NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "hold" ADD COLUMN     "promo" BIGINT NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "enrolment_code" ADD COLUMN     "partner_link_id" UUID;

-- AlterTable
ALTER TABLE "payout" ADD COLUMN     "payee" TEXT NOT NULL DEFAULT 'owner';

-- CreateTable
CREATE TABLE "campaign" (
    "id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    "budget" BIGINT NOT NULL,
    "granted" BIGINT NOT NULL DEFAULT 0,
    "days" INTEGER NOT NULL,
    "ends_at" TIMESTAMPTZ(6) NOT NULL,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "campaign_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "promo_grant" (
    "id" UUID NOT NULL,
    "campaign_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "amount" BIGINT NOT NULL,
    "used" BIGINT NOT NULL DEFAULT 0,
    "expired" BIGINT NOT NULL DEFAULT 0,
    "expiries" INTEGER NOT NULL DEFAULT 0,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "promo_grant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "partner" (
    "person_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "partner_pkey" PRIMARY KEY ("person_id")
);

-- CreateTable
CREATE TABLE "partner_link" (
    "id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "person_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "share_bps" INTEGER NOT NULL,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "closed_at" TIMESTAMPTZ(6),

    CONSTRAINT "partner_link_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "node_partner" (
    "node_id" UUID NOT NULL,
    "link_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "share_bps" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "node_partner_pkey" PRIMARY KEY ("node_id")
);

-- CreateTable
CREATE TABLE "statement" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "part" TEXT NOT NULL,
    "month" TEXT NOT NULL,
    "number" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "content" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "statement_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "invoice_series" (
    "series" TEXT NOT NULL,
    "last" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "invoice_series_pkey" PRIMARY KEY ("series")
);

-- CreateTable
CREATE TABLE "manual_journal" (
    "id" UUID NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'PROPOSED',
    "reason" TEXT NOT NULL,
    "entries" JSONB NOT NULL,
    "custody" BIGINT NOT NULL,
    "transaction_id" TEXT,
    "proposed_by" UUID NOT NULL,
    "proposed_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "decided_by" UUID,
    "decided_at" TIMESTAMPTZ(6),

    CONSTRAINT "manual_journal_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "admin_log" (
    "seq" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "person_id" UUID NOT NULL,
    "action" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "detail" JSONB NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "admin_log_pkey" PRIMARY KEY ("seq")
);

-- CreateIndex
CREATE UNIQUE INDEX "campaign_code_key" ON "campaign"("code");

-- CreateIndex
CREATE UNIQUE INDEX "promo_grant_campaign_id_person_id_key" ON "promo_grant"("campaign_id", "person_id");

-- CreateIndex
CREATE INDEX "promo_grant_person_id_idx" ON "promo_grant"("person_id");

-- CreateIndex
CREATE UNIQUE INDEX "partner_link_code_key" ON "partner_link"("code");

-- CreateIndex
CREATE INDEX "partner_link_person_id_idx" ON "partner_link"("person_id");

-- CreateIndex
CREATE INDEX "node_partner_link_id_idx" ON "node_partner"("link_id");

-- CreateIndex
CREATE UNIQUE INDEX "statement_number_key" ON "statement"("number");

-- CreateIndex
CREATE UNIQUE INDEX "statement_person_id_part_month_key" ON "statement"("person_id", "part", "month");


-- What Prisma's schema language cannot say.

-- I6: the parts of a charge are the owner's net, the heap's fee and the share of the partner who brought the device.
ALTER TABLE capture DROP CONSTRAINT i6_capture_parts;
ALTER TABLE capture ADD CONSTRAINT i6_capture_parts CHECK (
  gross > 0 AND fee >= 0 AND net >= 0 AND partner >= 0 AND fee + net + partner = gross AND (state = 'RELEASED') = (released_at IS NOT NULL)
);
ALTER TABLE capture ADD CONSTRAINT capture_partner CHECK (partner = 0 OR partner_id IS NOT NULL);
-- I26: promotional money is a part of what was held, and of what was charged.
ALTER TABLE hold ADD CONSTRAINT i26_hold_promo CHECK (promo >= 0 AND promo <= amount);
ALTER TABLE capture ADD CONSTRAINT i26_capture_promo CHECK (promo >= 0 AND promo <= gross);
CREATE INDEX capture_of_partner ON capture (partner_id) WHERE partner_id IS NOT NULL;

-- The budget of a campaign cannot be overrun, whoever redeems at the same moment.
ALTER TABLE campaign ADD CONSTRAINT campaign_budget CHECK (amount > 0 AND granted >= 0 AND granted <= budget AND days > 0);
ALTER TABLE promo_grant ADD CONSTRAINT promo_grant_parts CHECK (amount > 0 AND used >= 0 AND expired >= 0 AND used + expired <= amount);
CREATE INDEX promo_grant_left ON promo_grant (expires_at) WHERE used + expired < amount;
ALTER TABLE partner_link ADD CONSTRAINT partner_link_share CHECK (share_bps > 0 AND share_bps <= 10000);
ALTER TABLE payout ADD CONSTRAINT payout_payee CHECK (payee IN ('owner', 'partner'));
ALTER TABLE statement ADD CONSTRAINT statement_part CHECK (part IN ('developer', 'owner', 'partner') AND month ~ '^\d{4}-\d{2}$');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON statement FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Two people: who proposes does not decide. What is decided stays so.
ALTER TABLE manual_journal ADD CONSTRAINT manual_journal_two_people CHECK (
  CASE state WHEN 'PROPOSED' THEN decided_by IS NULL AND decided_at IS NULL
    WHEN 'APPROVED' THEN decided_by IS NOT NULL AND decided_by <> proposed_by AND decided_at IS NOT NULL
    WHEN 'REJECTED' THEN decided_by IS NOT NULL AND decided_at IS NOT NULL ELSE false END AND length(reason) > 0);
CREATE UNIQUE INDEX manual_journal_transaction ON manual_journal (transaction_id) WHERE state = 'APPROVED';
CREATE FUNCTION refuse_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'manual journal % is %: a decision is never changed', OLD.id, OLD.state USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER manual_journal_decided_once BEFORE UPDATE OR DELETE ON manual_journal FOR EACH ROW WHEN (OLD.state <> 'PROPOSED')
  EXECUTE FUNCTION refuse_decided();

-- What admins did: numbered without a gap, each line's hash over it and the one before. Only this function writes it.
CREATE FUNCTION admin_log_hash(previous bytea, seq bigint, at timestamptz, person_id uuid, action text, subject text, detail jsonb) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
  SELECT sha256(previous || convert_to(concat_ws(E'\n', seq, (extract(epoch FROM at) * 1000000)::bigint, person_id, action, subject, detail::text), 'UTF8'))
$$;
CREATE FUNCTION admin_log_add(by uuid, deed text, about text, more jsonb) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  last record;
  next_seq bigint;
  now_at timestamptz := clock_timestamp();
BEGIN
  -- One after the other: a transaction that is undone leaves no gap.
  LOCK TABLE admin_log IN SHARE ROW EXCLUSIVE MODE;
  SELECT seq, hash INTO last FROM admin_log ORDER BY seq DESC LIMIT 1;
  next_seq := COALESCE(last.seq, 0) + 1;
  INSERT INTO admin_log (seq, at, person_id, action, subject, detail, hash)
  VALUES (next_seq, now_at, by, deed, about, more, admin_log_hash(COALESCE(last.hash, ''::bytea), next_seq, now_at, by, deed, about, more));
  RETURN next_seq;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON admin_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE EXECUTE ON FUNCTION admin_log_add FROM PUBLIC;
DO $$
BEGIN
  REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON admin_log FROM openheaps_app;
  REVOKE UPDATE, DELETE, TRUNCATE ON statement FROM openheaps_app;
  GRANT EXECUTE ON FUNCTION admin_log_add TO openheaps_app;
EXCEPTION WHEN undefined_object THEN
  RAISE NOTICE 'there is no role openheaps_app: the log is guarded by its trigger alone';
END $$;
