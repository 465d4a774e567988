import type { ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { EventsAnswer, Exchange, Interference } from "../../src/local/intake/interference.ts";
import {
  type IntakeOptions,
  type LocalIntake,
  startIntake as startLocalIntake,
} from "../../src/local/intake/server.ts";

/** What goes wrong with one request. */
type RequestFault =
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
type Faults = {
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

export type FaultyIntake = LocalIntake & { readonly faults: Faults };

/** A local intake whose faults a test can order. */
export async function startIntake(options: IntakeOptions = {}): Promise<FaultyIntake> {
  const { interference, faultsOf } = planIntakeFaults();
  return faultsOf(await startLocalIntake({ ...options, interference }));
}

/** What an intake is to ask, and the faults of the intake that asks it. They strike in the order in which they were ordered. */
export function planIntakeFaults(): {
  interference: Interference;
  faultsOf(intake: LocalIntake): FaultyIntake;
} {
  const orders: { readonly fault: RequestFault; left: number }[] = [];
  const order = (fault: RequestFault, times: number) => {
    if (times > 0) {
      orders.push({ fault, left: times });
    }
  };
  const next = (): RequestFault | undefined => {
    const [first] = orders;
    if (first === undefined) {
      return undefined;
    }
    first.left -= 1;
    if (first.left <= 0) {
      orders.shift();
    }
    return first.fault;
  };
  let delayMs = 0;
  let reasonOf: ((raw: string) => string | undefined) | undefined;
  let statusOf: ((body: string) => number | undefined) | undefined;

  const meet = async ({ body, response, accept }: Exchange): Promise<EventsAnswer | "answered"> => {
    const fault = next();
    if (fault?.kind === "answer") {
      const headers = fault.retryAfter === undefined ? {} : { "retry-after": fault.retryAfter };
      if (fault.page === undefined) {
        return ordered(fault.status, headers);
      }
      response.writeHead(fault.status, { "content-type": "text/html" }).end(fault.page);
      return "answered";
    }
    if (fault?.kind === "cut" && fault.when === "before") {
      response.socket?.destroy();
      return "answered";
    }
    const status = statusOf?.(body.toString("utf8"));
    if (status !== undefined) {
      return ordered(status);
    }
    const answer = accept();
    if (delayMs > 0) {
      await wait(delayMs);
    }
    if (fault?.kind === "cut") {
      response.socket?.destroy();
      return "answered";
    }
    if (fault?.kind === "drip") {
      drip(response, answer, fault.everyMs);
      return "answered";
    }
    return answer;
  };

  const interference: Interference = {
    get reasonOf() {
      return reasonOf;
    },
    meet,
  };
  const faultsOf = (intake: LocalIntake): FaultyIntake => ({
    ...intake,
    faults: {
      down: () => intake.suspend(),
      up: () => intake.resume(),
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
  });
  return { interference, faultsOf };
}

function ordered(status: number, headers: Readonly<Record<string, string>> = {}): EventsAnswer {
  return { status, body: { error: `answered ${status} by order` }, headers };
}

/** The head of the answer at once, and then a byte of its body now and then. */
function drip(response: ServerResponse, { status, body }: EventsAnswer, everyMs: number): void {
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { "content-type": "application/json", "content-length": text.length });
  let sent = 0;
  const timer = setInterval(() => response.write(text.subarray(sent, ++sent)), everyMs);
  response.on("close", () => clearInterval(timer));
}
