/**
 * What the speed is measured with: integer arithmetic, memory and branches, without end, so that the fuel given is the work done.
 * The source stands beside the bytes; a test compiles it and compares.
 */
export const SPEED_WAT = `
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (local $at i32)
    (local $x i64)
    (local.set $x (i64.const 88172645463325252))
    (loop $again
      (local.set $at (i32.and (i32.add (local.get $at) (i32.const 40)) (i32.const 65528)))
      (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 13))))
      (local.set $x (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 7))))
      (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 17))))
      (i64.store (local.get $at) (i64.add (i64.mul (i64.load (local.get $at)) (i64.const 6364136223846793005)) (local.get $x)))
      (if (i64.eqz (i64.and (local.get $x) (i64.const 15))) (then (local.set $at (i32.wrap_i64 (i64.and (local.get $x) (i64.const 65528))))))
      (br $again))))`;

export const SPEED_WASM = Uint8Array.from(
  atob(
    'AGFzbQEAAAABBAFgAAADAgEABQMBAAEHEwIGbWVtb3J5AgAGX3N0YXJ0AAAKbwFtAgF/AX5CxPT93dyR0JwBIQEDQCAAQShqQfj/A3EhACABIAFCDYaFIQEgASABQgeIhSEBIAEgAUIRhoUhASAAIAApAwBCrf7V5NSF/ajYAH4gAXw3AwAgAUIPg1AEQCABQvj/A4OnIQALDAALCw==',
  ),
  (character) => character.charCodeAt(0),
);
