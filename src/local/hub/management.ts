import rhea from "rhea";
import { type HubEntity, noPartition } from "./entity.ts";
import type { Reply, Request } from "./requests.ts";

const HUB_TYPE = "com.microsoft:eventhub";
const PARTITION_TYPE = "com.microsoft:partition";
const STR8 = 0xa1;

/** Answers a `READ` of a hub or a partition. @param find Gives a hub by the name in the request. */
export function answerManagement(
  request: Request,
  find: (name: string) => HubEntity | undefined,
  nowMs: number,
): Reply {
  const hub = find(request.property("name"));
  if (hub === undefined) {
    return {
      status: 404,
      condition: "amqp:not-found",
      description: `The messaging entity '${request.property("name")}' could not be found.`,
    };
  }
  switch (request.property("type")) {
    case HUB_TYPE:
      return { status: 200, description: "OK", body: describeHub(hub) };
    case PARTITION_TYPE:
      return describePartition(hub, request.property("partition"), nowMs);
    default:
      return {
        status: 400,
        condition: "com.microsoft:argument-error",
        description: `The type '${request.property("type")}' cannot be read.`,
      };
  }
}

function describeHub(hub: HubEntity): object {
  const { types } = rhea;
  return {
    name: hub.name,
    type: HUB_TYPE,
    created_at: types.wrap_timestamp(hub.createdAtMs),
    partition_count: types.wrap_int(hub.partitions.length),
    partition_ids: types.wrap_array(
      hub.partitions.map((partition) => partition.id),
      STR8,
      undefined,
    ),
    georeplication_factor: types.wrap_int(1),
  };
}

function describePartition(hub: HubEntity, id: string, nowMs: number): Reply {
  const state = hub.partition(id)?.state;
  if (state === undefined) {
    return { status: 400, ...noPartition(hub) };
  }
  const { types } = rhea;
  return {
    status: 200,
    description: "OK",
    body: {
      name: hub.name,
      type: PARTITION_TYPE,
      partition: id,
      begin_sequence_number: types.wrap_long(state.beginSequenceNumber),
      last_enqueued_sequence_number: types.wrap_long(state.lastSequenceNumber),
      last_enqueued_offset: state.lastOffset,
      last_enqueued_time_utc: types.wrap_timestamp(state.lastEnqueuedAtMs),
      is_partition_empty: state.isEmpty,
      runtime_info_retrieval_time_utc: types.wrap_timestamp(nowMs),
    },
  };
}
