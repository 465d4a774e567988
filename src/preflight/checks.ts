import { checkHubAccess, checkIntakeServer, checkSettings, checkStorageAccess } from "./access.ts";
import type { CheckRun } from "./check-run.ts";
import { checkClock } from "./clock.ts";
import type { CheckId, Finding } from "./contract.ts";
import { GUIDE_STEPS, type GuideStep } from "./guide.ts";
import { checkClaims, checkConsumerGroup, checkHub, checkHubEvents, checkHubKey, hubTarget } from "./hub.ts";
import { checkIntakeKey, intakeTarget } from "./intake.ts";
import { checkHost, checkPort, checkTls, type Target } from "./network.ts";
import {
  checkBlob,
  checkContainer,
  checkGroupReaders,
  checkStorageKey,
  checkStorageOptions,
  storageTarget,
} from "./storage.ts";

export type Check = {
  readonly title: string;
  readonly guideStep: GuideStep;
  /** Checks without whose success this one is not tried. */
  readonly needs: readonly CheckId[];
  readonly try: (run: CheckRun, signal: AbortSignal) => Promise<Finding>;
};

const at =
  (target: (run: CheckRun) => Target, check: (target: Target, signal: AbortSignal) => Promise<Finding>) =>
  (run: CheckRun, signal: AbortSignal) =>
    check(target(run), signal);

const { namespace, hub, policy, group, storage, storageString, diagnostics, intake, playbook } = GUIDE_STEPS;

/** Every check, each after those it needs. */
export const CHECKS: Readonly<Record<CheckId, Check>> = {
  settings: { title: "Settings", guideStep: playbook, needs: [], try: checkSettings },
  "hub-access": { title: "Event Hub connection string", guideStep: policy, needs: [], try: checkHubAccess },
  "hub-host": {
    title: "Event Hub host name",
    guideStep: namespace,
    needs: ["hub-access"],
    try: at(hubTarget, checkHost),
  },
  "hub-port": {
    title: "Event Hub port",
    guideStep: namespace,
    needs: ["hub-host"],
    try: at(hubTarget, checkPort),
  },
  "hub-tls": {
    title: "Event Hub certificate",
    guideStep: namespace,
    needs: ["hub-port"],
    try: at(hubTarget, checkTls),
  },
  "hub-key": { title: "Event Hub key", guideStep: policy, needs: ["hub-tls"], try: checkHubKey },
  hub: { title: "Event Hub", guideStep: hub, needs: ["hub-key"], try: checkHub },
  "hub-claims": { title: "Right to listen", guideStep: policy, needs: ["hub"], try: checkClaims },
  "consumer-group": {
    title: "Consumer group",
    guideStep: group,
    needs: ["hub-claims"],
    try: checkConsumerGroup,
  },
  "hub-events": { title: "Events in the hub", guideStep: diagnostics, needs: ["hub"], try: checkHubEvents },
  "storage-access": {
    title: "Storage connection string",
    guideStep: storageString,
    needs: [],
    try: checkStorageAccess,
  },
  "storage-host": {
    title: "Storage host name",
    guideStep: storage,
    needs: ["storage-access"],
    try: at(storageTarget, checkHost),
  },
  "storage-port": {
    title: "Storage port",
    guideStep: storage,
    needs: ["storage-host"],
    try: at(storageTarget, checkPort),
  },
  "storage-tls": {
    title: "Storage certificate",
    guideStep: storage,
    needs: ["storage-port"],
    try: at(storageTarget, checkTls),
  },
  "storage-key": {
    title: "Storage key",
    guideStep: storageString,
    needs: ["storage-tls"],
    try: checkStorageKey,
  },
  container: { title: "Container", guideStep: storage, needs: ["storage-key"], try: checkContainer },
  blob: { title: "Writing checkpoints", guideStep: storage, needs: ["container"], try: checkBlob },
  "storage-options": {
    title: "Storage options",
    guideStep: storage,
    needs: ["blob"],
    try: checkStorageOptions,
  },
  "group-readers": {
    title: "Other readers",
    guideStep: group,
    needs: ["consumer-group", "container"],
    try: checkGroupReaders,
  },
  "intake-server": { title: "Intake address", guideStep: intake, needs: [], try: checkIntakeServer },
  "intake-host": {
    title: "Intake host name",
    guideStep: intake,
    needs: ["intake-server"],
    try: at(intakeTarget, checkHost),
  },
  "intake-port": {
    title: "Intake port",
    guideStep: intake,
    needs: ["intake-host"],
    try: at(intakeTarget, checkPort),
  },
  "intake-tls": {
    title: "Intake certificate",
    guideStep: intake,
    needs: ["intake-port"],
    try: at(intakeTarget, checkTls),
  },
  "intake-key": { title: "Intake key", guideStep: intake, needs: ["intake-tls"], try: checkIntakeKey },
  clock: { title: "Clock", guideStep: playbook, needs: [], try: checkClock },
};
