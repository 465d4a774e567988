import type { Performative, WireLink, WireSession } from "./wire.ts";

const UINT_RANGE = 2 ** 32;

/** How many more transfer frames the peer's session takes. */
export function sessionRoom(session: WireSession): number {
  const { remote_window, remote_next_transfer_id, next_transfer_id } = session.outgoing;
  // Before the peer has seen our begin it cannot name the next id; ours starts at 0.
  const unseen = (next_transfer_id - (remote_next_transfer_id ?? 0)) >>> 0;
  return Math.max(0, (remote_window ?? 0) - unseen);
}

/** Counts frames and deliveries as sent. @returns the id of the first delivery. */
export function takeDeliveries(session: WireSession, deliveries: number, frames: number): number {
  const { outgoing } = session;
  const first = outgoing.next_delivery_id;
  outgoing.next_transfer_id = (outgoing.next_transfer_id + frames) % UINT_RANGE;
  outgoing.next_delivery_id = (first + deliveries) % UINT_RANGE;
  // rhea looks for deliveries of its own between these two; there are none.
  outgoing.next_pending_delivery = outgoing.next_delivery_id;
  return first;
}

/** Takes deliveries off a link's credit. */
export function spendCredit(link: WireLink, deliveries: number): void {
  link.credit -= deliveries;
  link.delivery_count = (link.delivery_count + deliveries) % UINT_RANGE;
}

/** What a flow frame of the receiving side leaves us of credit. */
export function creditOf(link: WireLink, flow: Performative): number {
  const count = numberOr(flow["delivery_count"], 0);
  const credit = (count + numberOr(flow["link_credit"], 0) - link.delivery_count) | 0;
  return Math.max(0, credit);
}

/** A boolean as it was decoded: rhea reads the one-byte form, which the Python client writes, as the number 0 or 1. */
export function isTrue(value: unknown): boolean {
  return value === true || value === 1;
}

export function numberOr(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}
