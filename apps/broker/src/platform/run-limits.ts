import { SOCKET_LIMITS, VIEW_LIMITS, type ViewTerms, viewBytes, type WireRunLimits } from '#protocol';
import { PAGE_BYTES, SLOT_MEMORY_BYTES, type SlotClass } from '#units';

/** The stack budget of sandbox.md: below every engine's own limit. */
const STACK_BYTES = 256 * 1024;

/** At most half of a slot's memory goes to files: the rest is the program's. */
export const viewBytesMax = (slot_class: SlotClass): number => Math.min(VIEW_LIMITS.bytes, SLOT_MEMORY_BYTES[slot_class] / 2);

interface Order {
  slot_class: SlotClass;
  fuel_limit: bigint;
  output_bytes_limit: number;
  wall_ms_limit: number;
  view: ViewTerms;
}

/** What one task of an order may use. Its files are in the memory of the slot: the program gets what they leave. */
export function runLimitsOf({ slot_class, fuel_limit, output_bytes_limit, wall_ms_limit, view }: Order): WireRunLimits {
  return {
    fuel: Number(fuel_limit),
    stack_bytes: STACK_BYTES,
    memory_bytes: Math.floor((SLOT_MEMORY_BYTES[slot_class] - viewBytes(view)) / PAGE_BYTES) * PAGE_BYTES,
    output_bytes: output_bytes_limit,
    log_bytes: SOCKET_LIMITS.logs_bytes,
    wall_ms: wall_ms_limit,
    files: view.scratch?.files ?? 0,
    file_bytes: view.scratch?.bytes ?? 0,
    host_calls: VIEW_LIMITS.host_calls,
  };
}
