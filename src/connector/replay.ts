import { isUtf8 } from "node:buffer";
import type { Clock } from "../kernel/clock.ts";
import { Chunker, type ChunkerSettings } from "./chunks/chunker.ts";
import { BodyPool } from "./chunks/pool.ts";
import type { Chunk, DeadLetter, DeadLetterPort, IntakePort } from "./contract.ts";
import { bytesOf, type DeadLetterReader } from "./deadletter/reader.ts";

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
  const pool = new BodyPool(0);
  const report: ReplayReport = { forwarded: 0, setAsideAgain: 0 };
  for (const blob of await ports.reader.list()) {
    const lines = await ports.reader.read(blob.name, blob.replayedBytes, blob.bytes);
    if (lines.length === 0) continue;
    const again: DeadLetter[] = [];
    const chunks: Chunk[] = [];
    const partitionId = lines[0]?.partition ?? "";
    const chunker = new Chunker(partitionId, ports.chunks, pool, ports.clock, (chunk) => chunks.push(chunk));
    for (const line of lines) {
      const bytes = bytesOf(line);
      const sequenceNumber = line.sequence_number;
      const isTaken = isUtf8(bytes) && chunker.add(bytes, 0, bytes.length, sequenceNumber, line.record_index);
      const reason = line.reason as DeadLetter["reason"];
      const letter = {
        partitionId,
        sequenceNumber,
        bytes,
        recordIndex: line.record_index,
        reason,
        detail: line.detail,
      };
      if (!isTaken) again.push(letter);
    }
    chunker.seal();
    for (const chunk of chunks) {
      const { refused } = await ports.intake.deliver(chunk, signal);
      report.forwarded += chunk.recordCount - refused.length;
      again.push(
        ...refused.map(({ record, reason, detail }) => ({ ...record, partitionId, reason, detail })),
      );
    }
    if (again.length > 0) await ports.deadLetters.store(again, signal);
    report.setAsideAgain += again.length;
    await ports.reader.markReplayed(blob.name, blob.bytes);
  }
  return report;
}
