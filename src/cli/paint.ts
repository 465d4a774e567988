import { styleText } from "node:util";
import type { Screen } from "./streams.ts";

type Style = Exclude<Parameters<typeof styleText>[0], unknown[]>;

/** The text in a colour where a terminal shows it; unchanged in a file or pipe, and where NO_COLOR is set. */
export function paint(screen: Screen, style: Style, text: string): string {
  return styleText(style, text, { stream: screen as unknown as NodeJS.WritableStream });
}
