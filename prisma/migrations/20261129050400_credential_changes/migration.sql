-- When somebody's way to sign in changed: payouts wait for a while after that, so that a taken-over account is noticed first.

-- AlterTable
ALTER TABLE "person" ADD COLUMN     "credentials_changed_at" TIMESTAMPTZ(6);

-- Another password or address, or a password for somebody who had none. Signing up is no change.
CREATE FUNCTION note_credential_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE person SET credentials_changed_at = now() WHERE id = NEW.person_id AND (TG_OP = 'UPDATE' OR created_at < now() - interval '1 minute');
  RETURN NULL;
END $$;
CREATE TRIGGER credential_changed AFTER UPDATE OF password ON credential FOR EACH ROW WHEN (OLD.password IS DISTINCT FROM NEW.password)
  EXECUTE FUNCTION note_credential_change();
CREATE TRIGGER credential_added AFTER INSERT ON credential FOR EACH ROW EXECUTE FUNCTION note_credential_change();

CREATE FUNCTION note_address_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.credentials_changed_at := now();
  RETURN NEW;
END $$;
CREATE TRIGGER address_changed BEFORE UPDATE OF email ON person FOR EACH ROW WHEN (OLD.email IS DISTINCT FROM NEW.email)
  EXECUTE FUNCTION note_address_change();
