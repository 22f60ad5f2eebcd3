import { createECDH, randomBytes } from 'node:crypto';
import { decrypted } from '../../../../test/support/push-service.js';
import { encrypted } from './push-message.js';

const browser = () => {
  const ecdh = createECDH('prime256v1');
  ecdh.generateKeys();
  return { ecdh, auth: randomBytes(16) };
};

test('only the browser reads it', () => {
  const [mine, other] = [browser(), browser()];
  const target = { p256dh: mine.ecdh.getPublicKey('base64url'), auth: mine.auth.toString('base64url') };
  const sent = encrypted('{"title":"Zwölf Boxkämpfer"}', target);
  expect(decrypted(sent, mine)).toBe('{"title":"Zwölf Boxkämpfer"}');
  expect(() => decrypted(sent, other)).toThrow();
  expect(encrypted('a', target)).not.toEqual(encrypted('a', target));
  expect(() => encrypted('x'.repeat(4_000), target)).toThrow(RangeError);
});

test('the reading side agrees with the example of RFC 8291', () => {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(Buffer.from('q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94', 'base64url'));
  const message =
    'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN';
  const text = decrypted(Buffer.from(message, 'base64url'), { ecdh, auth: Buffer.from('BTBZMqHH6r4Tts7J_aSIgg', 'base64url') });
  expect(text).toBe('When I grow up, I want to be a watermelon');
});
