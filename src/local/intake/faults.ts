/** What goes wrong with one request. */
export type RequestFault =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly retryAfter: string | undefined;
      /** Instead of the intake's own JSON, as a proxy's page is. */
      readonly page: string | undefined;
    }
  /** The answer's head, and then a byte now and then, without end. */
  | { readonly kind: "drip"; readonly everyMs: number }
  /** The connection is cut: before anything was accepted, or after, so that only the answer is lost. */
  | { readonly kind: "cut"; readonly when: "before" | "after" };

/** Misbehaviour on order, for tests of those who send. It concerns the endpoints that take events. */
export type Faults = {
  /**
   * Answers the next `times` requests (`Infinity` until `clear`) with `status`; nothing of them is accepted.
   * @param retryAfter The Retry-After header, as it is to travel.
   */
  answer(status: number, times: number, retryAfter?: string): void;
  /** Answers the next `times` requests as another server would: with a page of its own; nothing of them is accepted. */
  answerPage(status: number, page: string, times: number): void;
  /** Accepts the events of the next `times` requests, and answers with a byte every `everyMs`, without end. */
  drip(everyMs: number, times: number): void;
  /** Cuts the connection of the next `times` requests. */
  cut(when: "before" | "after", times: number): void;
  /** Forgets the orders of `answer`, `answerPage`, `drip` and `cut` that have not struck yet. */
  clear(): void;
  /** Holds every answer back for `delayMs`, after the events were accepted; 0 ends it. */
  delay(delayMs: number): void;
  /**
   * Answers every request for whose unpacked body `statusOf` gives a status with it; nothing of such a request is
   * accepted. undefined ends it.
   */
  refuse(statusOf: ((body: string) => number | undefined) | undefined): void;
  /** Rejects the single events for which `reasonOf` gives a reason; undefined ends it. */
  reject(reasonOf: ((raw: string) => string | undefined) | undefined): void;
  /** Stops listening and cuts every connection. */
  down(): Promise<void>;
  /** Listens again, on the same port. */
  up(): Promise<void>;
};

/** The ordered faults, as the server reads them. */
export type FaultPlan = {
  readonly delayMs: number;
  readonly reasonOf: ((raw: string) => string | undefined) | undefined;
  readonly statusOf: ((body: string) => number | undefined) | undefined;
  /** The fault of the request that just came; faults strike in the order in which they were ordered. */
  next(): RequestFault | undefined;
};

export function planFaults(switches: Pick<Faults, "down" | "up">): { faults: Faults; plan: FaultPlan } {
  const orders: { readonly fault: RequestFault; left: number }[] = [];
  let delayMs = 0;
  let reasonOf: FaultPlan["reasonOf"];
  let statusOf: FaultPlan["statusOf"];
  const order = (fault: RequestFault, times: number) => {
    if (times > 0) {
      orders.push({ fault, left: times });
    }
  };
  return {
    faults: {
      ...switches,
      answer: (status, times, retryAfter) =>
        order({ kind: "answer", status, retryAfter, page: undefined }, times),
      answerPage: (status, page, times) =>
        order({ kind: "answer", status, retryAfter: undefined, page }, times),
      drip: (everyMs, times) => order({ kind: "drip", everyMs }, times),
      cut: (when, times) => order({ kind: "cut", when }, times),
      clear: () => {
        orders.length = 0;
      },
      delay: (wantedMs) => {
        delayMs = wantedMs;
      },
      refuse: (wanted) => {
        statusOf = wanted;
      },
      reject: (wanted) => {
        reasonOf = wanted;
      },
    },
    plan: {
      get delayMs() {
        return delayMs;
      },
      get reasonOf() {
        return reasonOf;
      },
      get statusOf() {
        return statusOf;
      },
      next() {
        const [first] = orders;
        if (first === undefined) {
          return undefined;
        }
        first.left -= 1;
        if (first.left <= 0) {
          orders.shift();
        }
        return first.fault;
      },
    },
  };
}
