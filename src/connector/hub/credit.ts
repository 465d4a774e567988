import { Receiver } from "rhea-promise";

let isCapped = false;

/**
 * The SDK adds a full prefetch of credit at each receive on top of what is unspent, so an idle hub piles up credit
 * without bound and a later burst fills the memory (azure-sdk-for-js #39452). Here only what is missing is added.
 */
export function capCredit(): void {
  if (isCapped) return;
  isCapped = true;
  const addCredit = Receiver.prototype.addCredit;
  Receiver.prototype.addCredit = function capped(this: Receiver, wanted: number): void {
    const missing = wanted - this.credit;
    if (missing > 0) addCredit.call(this, missing);
  };
}
