import { isUtf8 } from "node:buffer";
import type { Clock } from "../kernel/clock.ts";
import { Chunker, type ChunkerSettings } from "./chunks/chunker.ts";
import { BodyPool } from "./chunks/pool.ts";
import type { Chunk, DeadLetter, DeadLetterPort, IntakePort } from "./contract.ts";
import { bytesOf, type DeadLetterReader } from "./deadletter/reader.ts";
import type { DeadLetterLine } from "./deadletter/store.ts";
import { textEngineFor } from "./scan/engine.ts";

export type ReplayPorts = {
  readonly reader: DeadLetterReader;
  readonly deadLetters: DeadLetterPort;
  readonly intake: IntakePort;
  readonly chunks: ChunkerSettings;
  readonly clock: Clock;
};

export type ReplayReport = { forwarded: number; setAsideAgain: number };

/**
 * Sends the dead letters that were not replayed yet to the intake. What is refused again is set aside again, at the
 * end, with the new reason; so nothing is lost, and a second replay sends only that.
 */
export async function replayDeadLetters(ports: ReplayPorts, signal: AbortSignal): Promise<ReplayReport> {
  const { reader } = ports;
  const report: ReplayReport = { forwarded: 0, setAsideAgain: 0 };
  for (const blob of await reader.list()) {
    for await (const { lines, endByte } of reader.read(blob.name, blob.replayedBytes, blob.bytes)) {
      await replayLines(lines, ports, report, signal);
      await reader.markReplayed(blob.name, endByte);
    }
  }
  return report;
}

/** @param lines All of one partition. */
async function replayLines(
  lines: readonly DeadLetterLine[],
  { deadLetters, intake, chunks: limits, clock }: ReplayPorts,
  report: ReplayReport,
  signal: AbortSignal,
): Promise<void> {
  const again: DeadLetter[] = [];
  const chunks: Chunk[] = [];
  const partitionId = lines[0]?.partition ?? "";
  const chunker = new Chunker(partitionId, limits, new BodyPool(0), clock, (chunk) => chunks.push(chunk));
  for (const line of lines) {
    const bytes = bytesOf(line);
    const { sequence_number: sequenceNumber, record_index: recordIndex, detail } = line;
    const engine = textEngineFor(bytes.length);
    const start = engine.place(bytes, 0, bytes.length);
    const isTaken =
      isUtf8(bytes) && chunker.add(engine, start, start + bytes.length, sequenceNumber, recordIndex);
    if (!isTaken) {
      const reason = line.reason as DeadLetter["reason"];
      again.push({ partitionId, sequenceNumber, recordIndex, bytes, reason, detail });
    }
  }
  chunker.seal();
  for (const chunk of chunks) {
    const { refused } = await intake.deliver(chunk, signal);
    report.forwarded += chunk.recordCount - refused.length;
    again.push(...refused.map(({ record, reason, detail }) => ({ ...record, partitionId, reason, detail })));
  }
  if (again.length > 0) await deadLetters.store(again, signal);
  report.setAsideAgain += again.length;
}
