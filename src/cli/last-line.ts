import type { Clock } from "../kernel/clock.ts";
import type { LogOutput } from "../platform/logging/logger.ts";
import { logText } from "./log-text.ts";
import type { Screen } from "./streams.ts";

const REFRESH_MS = 1000;
/** Some terminals tell none, or 0. */
const DEFAULT_COLUMNS = 80;
/** To the first column, and everything from there on gone. */
const CLEAR = "\r\u001b[2K";

/** The last line of a terminal, refreshed once a second; the log's lines go above it. */
export class LastLine implements LogOutput {
  readonly #screen: Screen;
  readonly #clock: Clock;
  readonly #describe: () => string;
  #shown = "";
  #cancel: (() => void) | undefined;

  /** @param describe Asked for the line each time. */
  constructor(screen: Screen, clock: Clock, describe: () => string) {
    this.#screen = screen;
    this.#clock = clock;
    this.#describe = describe;
  }

  start(): void {
    this.#cancel = this.#clock.after(REFRESH_MS, () => {
      const columns = this.#screen.columns || DEFAULT_COLUMNS;
      // A line that fills the last column would wrap, and could not be cleared.
      this.#show(this.#describe().slice(0, columns - 1));
      this.start();
    });
  }

  /** Takes the line away. */
  stop(): void {
    this.#cancel?.();
    this.#show("");
  }

  /** A line of the log. */
  write(line: string): void {
    const shown = this.#shown;
    this.#screen.write(`${shown === "" ? "" : CLEAR}${logText(line, this.#screen)}${shown}`);
  }

  #show(text: string): void {
    if (text !== this.#shown) {
      this.#screen.write(CLEAR + text);
      this.#shown = text;
    }
  }
}
