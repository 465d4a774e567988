import { isUtf8 } from "node:buffer";
import {
  type ChunkerPort,
  type DeadLetter,
  type DeadLetterPort,
  FULL,
  type IntakePort,
  TOO_LARGE,
} from "../contract.ts";
import { textEngineFor } from "../scan/engine.ts";
import { bytesOf, type DeadLetterReader } from "./reader.ts";
import type { DeadLetterLine } from "./store.ts";

export type ResendPorts = {
  readonly reader: DeadLetterReader;
  readonly deadLetters: DeadLetterPort;
  readonly intake: IntakePort;
  readonly chunker: ChunkerPort;
};

export type ResendReport = { forwarded: number; setAsideAgain: number };

/**
 * Sends the dead letters that were not sent again yet to the intake. What is refused again is set aside again, at the
 * end, with the new reason; so nothing is lost, and a second time sends only that.
 */
export async function resendDeadLetters(ports: ResendPorts, signal: AbortSignal): Promise<ResendReport> {
  const { reader } = ports;
  const report: ResendReport = { forwarded: 0, setAsideAgain: 0 };
  for (const blob of await reader.list()) {
    for await (const { lines, endByte } of reader.read(blob.name, blob.replayedBytes, blob.bytes)) {
      await resendLines(lines, ports, report, signal);
      await reader.markReplayed(blob.name, endByte);
    }
  }
  return report;
}

/** @param lines All of one partition. */
async function resendLines(
  lines: readonly DeadLetterLine[],
  { deadLetters, intake, chunker }: ResendPorts,
  report: ResendReport,
  signal: AbortSignal,
): Promise<void> {
  const again: DeadLetter[] = [];
  const send = async () => {
    const chunk = chunker.seal();
    if (chunk === undefined) {
      return;
    }
    const { refused } = await intake.deliver(chunk, signal);
    report.forwarded += chunk.recordCount - refused.length;
    again.push(...refused.map(({ record, reason, detail }) => ({ ...record, reason, detail })));
  };
  for (const line of lines) {
    const bytes = bytesOf(line);
    const {
      partition: partitionId,
      sequence_number: sequenceNumber,
      record_index: recordIndex,
      detail,
    } = line;
    const add = () => {
      const engine = textEngineFor(bytes.length);
      const start = engine.place(bytes, 0, bytes.length);
      return chunker.add(engine, start, start + bytes.length, partitionId, sequenceNumber, recordIndex);
    };
    let added = isUtf8(bytes) ? add() : TOO_LARGE;
    if (added === FULL) {
      await send();
      added = add();
    }
    if (added > 0) {
      continue;
    }
    const reason = line.reason as DeadLetter["reason"];
    again.push({ partitionId, sequenceNumber, recordIndex, bytes, reason, detail });
  }
  await send();
  if (again.length > 0) {
    await deadLetters.store(again, signal);
  }
  report.setAsideAgain += again.length;
}
