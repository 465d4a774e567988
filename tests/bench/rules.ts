/**
 * Events a second of one thread that are held against all public Sigma rules: with the source of each event known, without,
 * and by trying every rule for every event. They take turns in one run, so that all see the same machine.
 */
import process from "node:process";
import { compileRules, type MatchOptions, type RuleEvent } from "../../src/rules/index.ts";
import { placeholdersOf, rulesCorpus } from "../conformance/rules-corpus.ts";
import { compileNaively } from "../rules/support/naive.ts";

const ROUNDS = 5;
/** Events of a round by the naive way, which takes its time. */
const NAIVE_EVENTS = 100;
const NOW = new Date("2026-01-02T03:04:05Z");

const corpus = rulesCorpus();
if (corpus === undefined) {
  process.stderr.write("there are no rules to measure with: set RULES_CORPUS to their folder\n");
  process.exitCode = 2;
} else {
  const { fine } = corpus.rules();
  const options = { dialect: "standard", placeholders: placeholdersOf(fine) } as const;
  const started = process.cpuUsage();
  const { rules } = compileRules(fine, options);
  const compileMs = cpuMs(started);
  const naive = compileNaively(fine, options);
  const sources = new Map(rules.infos.map(({ file, logsource }) => [file, logsource]));
  const events = corpus.cases().map(({ event, rule }) => {
    const logsource = sources.get(rule.replace(/^sigmahq\//, ""));
    return {
      event,
      routed: (logsource === undefined ? { now: NOW } : { now: NOW, logsource }) satisfies MatchOptions,
    };
  });
  const rates: Record<"routed" | "unrouted" | "naive", number[]> = { routed: [], unrouted: [], naive: [] };
  let sink = 0;
  const measure = (
    list: typeof events,
    match: (event: RuleEvent, routed: MatchOptions) => number,
  ): number => {
    const before = process.cpuUsage();
    for (const { event, routed } of list) {
      sink += match(event, routed);
    }
    return (list.length / cpuMs(before)) * 1_000;
  };
  for (let round = 0; round < ROUNDS; round++) {
    const from = (round * NAIVE_EVENTS * 7) % (events.length - NAIVE_EVENTS);
    rates.routed.push(measure(events, (event, routed) => rules.match(event, routed).length));
    rates.unrouted.push(measure(events, (event) => rules.match(event, { now: NOW }).length));
    rates.naive.push(measure(events.slice(from, from + NAIVE_EVENTS), (event) => naive.match(event).length));
  }
  const naiveRate = median(rates.naive);
  process.stdout.write(
    `${rules.infos.length} rules compiled in ${Math.round(compileMs)} ms, ${events.length} events\n`,
  );
  for (const [name, values] of Object.entries(rates)) {
    const rate = median(values);
    const ratio = (rate / naiveRate).toFixed(1);
    process.stdout.write(
      `${name.padEnd(10)}${String(Math.round(rate)).padStart(10)} events/s of CPU time, ${ratio} × naive\n`,
    );
  }
  process.stdout.write(`${sink} matches in all\n`);
}

/** Others may use the machine meanwhile; only what this process computed counts. */
function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
