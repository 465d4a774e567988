"""What Python's client does with the hub: one line of JSON a check on standard output.

`client.py checks` runs the checks; `client.py consume` shares the group with other readers until its input ends, and
writes a line for each event that it got.
"""

import json
import os
import sys
import threading
import time
import traceback
from datetime import datetime, timezone
from urllib.parse import urlsplit

from azure.eventhub import EventData, EventHubConsumerClient, EventHubProducerClient, TransportType
from azure.eventhub.exceptions import AuthenticationError, ConnectError, EventHubError
from azure.eventhub.extensions.checkpointstoreblob import BlobCheckpointStore

CONNECTION = os.environ["HUB_CONNECTION_STRING"]
HUB = os.environ["HUB_NAME"]
STORAGE = os.environ["STORAGE_CONNECTION_STRING"]
CONTAINER = os.environ["STORAGE_CONTAINER"]
GROUP = os.environ["CONSUMER_GROUP"]
TLS_CONNECTION = os.environ.get("HUB_TLS_CONNECTION_STRING", "")
TLS_AUTHORITY = os.environ.get("HUB_TLS_AUTHORITY", "")
WITHIN_S = 20


def producer(connection=CONNECTION, hub=HUB):
    return EventHubProducerClient.from_connection_string(connection, eventhub_name=hub, retry_total=0)


def consumer(group="$Default", **options):
    return EventHubConsumerClient.from_connection_string(
        CONNECTION, consumer_group=group, eventhub_name=HUB, **options
    )


def read(partition, count, position, inclusive=False, **options):
    """The first events of a partition from a position on."""
    client, events, errors = consumer(), [], []
    done = threading.Event()

    def on_event(_context, event):
        events.append(event)
        if len(events) >= count:
            done.set()

    def on_error(_context, error):
        errors.append(error)
        done.set()

    options = dict(
        options,
        on_event=on_event,
        on_error=on_error,
        partition_id=partition,
        starting_position=position,
        starting_position_inclusive=inclusive,
    )
    thread = threading.Thread(target=client.receive, kwargs=options, daemon=True)
    thread.start()
    done.wait(WITHIN_S)
    client.close()
    thread.join(WITHIN_S)
    if errors:
        raise errors[0]
    assert len(events) >= count, f"{len(events)} of {count} events came"
    return events[:count]


def send(partition, *events):
    with producer() as client:
        client.send_batch(list(events), partition_id=partition)


def properties_of_hub_and_partition():
    with producer() as client:
        hub = client.get_eventhub_properties()
        assert hub["eventhub_name"] == HUB and len(hub["partition_ids"]) == 8, hub
        partition = client.get_partition_properties("7")
        assert partition["is_empty"] and partition["last_enqueued_sequence_number"] == -1, partition


def sizes_up_to_the_limit():
    sizes = [0, 1, 60_000, 65_536, 70_000, 500_000, 1_000_000]
    with producer() as client:
        for size in sizes:
            batch = client.create_batch(partition_id="0")
            batch.add(EventData(b"x" * size))
            client.send_batch(batch)
        batch = client.create_batch(partition_id="0")
        assert batch.max_size_in_bytes == 1_048_576
        try:
            batch.add(EventData(b"x" * 1_048_577))
            raise AssertionError("an event above the limit fitted the batch")
        except ValueError:
            pass
    got = [len(b"".join(event.body)) for event in read("0", len(sizes), "-1")]
    assert got == sizes, got


def keys_ids_and_properties_of_every_type():
    now = datetime.now(timezone.utc).replace(microsecond=0)
    properties = {
        "text": "é", "bytes": b"\x00\xff", "int": 42, "large": 2**31 - 1, "negative": -1, "float": 1.5, "yes": True, "no": False
    }
    event = EventData("body")
    event.properties = properties
    event.message_id, event.correlation_id, event.content_type = "id-1", "correlation-1", "text/plain"
    send("1", event)
    with producer() as client:
        batch = client.create_batch(partition_key="key-1")
        batch.add(EventData("keyed"))
        client.send_batch(batch)
    got = read("1", 1, "-1")[0]
    back = {key.decode(): value for key, value in got.properties.items()}
    expected = dict(properties, text="é".encode(), bytes=b"\x00\xff")
    assert back == expected, back
    assert (got.message_id, got.correlation_id, got.content_type) == ("id-1", "correlation-1", "text/plain")
    assert abs((got.enqueued_time - now).total_seconds()) < 60


def every_start_position():
    send("2", *[EventData(str(index)) for index in range(5)])
    events = read("2", 5, "-1")
    third = events[2]
    texts = lambda position, count, **options: [e.body_as_str() for e in read("2", count, position, **options)]
    assert texts(third.offset, 2) == ["3", "4"]
    assert texts(third.offset, 3, inclusive=True) == ["2", "3", "4"]
    assert texts(third.sequence_number, 2) == ["3", "4"]
    assert texts(third.sequence_number, 3, inclusive=True) == ["2", "3", "4"]
    assert texts(datetime(2020, 1, 1, tzinfo=timezone.utc), 5) == ["0", "1", "2", "3", "4"]


def latest_and_the_state_of_the_partition():
    client, got = consumer(), []
    done = threading.Event()

    def on_event(context, event):
        if event is not None:
            got.append((event.body_as_str(), context.last_enqueued_event_properties["sequence_number"]))
            done.set()
        elif not got:
            send("3", EventData("new"))

    options = dict(
        on_event=on_event,
        partition_id="3",
        starting_position="@latest",
        max_wait_time=0.5,
        track_last_enqueued_event_properties=True,
    )
    thread = threading.Thread(target=client.receive, kwargs=options, daemon=True)
    send("3", EventData("old"))
    thread.start()
    done.wait(WITHIN_S)
    client.close()
    thread.join(WITHIN_S)
    assert got and got[0][0] == "new" and got[0][1] >= 1, got


def the_higher_owner_level_wins():
    send("4", EventData("e"))
    errors, started, lost = [], threading.Event(), threading.Event()
    low = consumer(retry_total=0)

    def on_error(_context, error):
        errors.append(error)
        lost.set()

    options = dict(
        on_event=lambda *_: started.set(), on_error=on_error, partition_id="4", starting_position="-1", owner_level=1
    )
    thread = threading.Thread(target=low.receive, kwargs=options, daemon=True)
    thread.start()
    assert started.wait(WITHIN_S)
    read("4", 1, "-1", owner_level=2)
    assert lost.wait(WITHIN_S), "the lower owner level read on"
    low.close()
    assert "higher epoch" in str(errors[0]), errors[0]


def refusals_come_at_once_and_say_why():
    with producer() as client:
        try:
            client.send_batch([EventData("x")], partition_id="99")
            raise AssertionError("partition 99 took an event")
        except (ConnectError, EventHubError) as error:
            assert isinstance(error, ConnectError), repr(error)
    wrong = CONNECTION.replace("SharedAccessKey=", "SharedAccessKey=wrong")
    with producer(wrong) as client:
        try:
            client.create_batch(partition_id="0")
            raise AssertionError("a wrong key was let in")
        except AuthenticationError:
            pass


def balancing_with_blob_checkpoints():
    seen, lock = {}, threading.Lock()
    for partition in range(8):
        send(str(partition), EventData(f"balance-{partition}"))

    def run(name):
        store = BlobCheckpointStore.from_connection_string(STORAGE, CONTAINER)
        client = consumer(GROUP, checkpoint_store=store, load_balancing_interval=1, load_balancing_strategy="greedy")

        def on_event(context, event):
            with lock:
                seen.setdefault(name, set()).add(context.partition_id)
            context.update_checkpoint(event)

        options = dict(on_event=on_event, starting_position="-1")
        thread = threading.Thread(target=client.receive, kwargs=options, daemon=True)
        thread.start()
        return client, thread

    runs = [run("a"), run("b")]
    deadline = time.time() + WITHIN_S
    while time.time() < deadline and len(set().union(*seen.values())) < 8:
        time.sleep(0.1)
    for client, thread in runs:
        client.close()
        thread.join(WITHIN_S)
    assert len(set().union(*seen.values())) == 8, seen


def over_tls_and_web_sockets():
    host = urlsplit(TLS_CONNECTION.split(";")[0].removeprefix("Endpoint="))
    for transport in TransportType:
        # With TLS the client takes a port of its own from nowhere else.
        options = dict(
            eventhub_name=HUB,
            connection_verify=TLS_AUTHORITY,
            custom_endpoint_address=f"sb://localhost:{host.port}",
            transport_type=transport,
        )
        connection = TLS_CONNECTION.replace(f":{host.port}", "")
        with EventHubProducerClient.from_connection_string(connection, retry_total=0, **options) as client:
            client.send_batch([EventData(f"over {transport.value}")], partition_id="0")
            assert client.get_partition_properties("0")["is_empty"] is False
    options = dict(
        eventhub_name=HUB,
        custom_endpoint_address=CONNECTION.split(";")[0].removeprefix("Endpoint="),
        transport_type=TransportType.AmqpOverWebsocket,
    )
    with EventHubProducerClient.from_connection_string(CONNECTION, retry_total=0, **options) as client:
        client.send_batch([EventData("over a WebSocket without TLS")], partition_id="0")


CHECKS = [
    properties_of_hub_and_partition,
    sizes_up_to_the_limit,
    keys_ids_and_properties_of_every_type,
    every_start_position,
    latest_and_the_state_of_the_partition,
    the_higher_owner_level_wins,
    refusals_come_at_once_and_say_why,
    balancing_with_blob_checkpoints,
    over_tls_and_web_sockets,
]


def say(line):
    print(json.dumps(line), flush=True)


def consume():
    store = BlobCheckpointStore.from_connection_string(STORAGE, CONTAINER)
    client = consumer(
        GROUP, checkpoint_store=store, load_balancing_interval=2, partition_ownership_expiration_interval=10
    )

    def on_batch(context, events):
        for event in events:
            say({"body": event.body_as_str(), "partition": context.partition_id})
        if events:
            context.update_checkpoint()

    thread = threading.Thread(
        target=client.receive_batch,
        kwargs=dict(on_event_batch=on_batch, starting_position="-1", max_batch_size=50, max_wait_time=1),
        daemon=True,
    )
    thread.start()
    sys.stdin.read()
    client.close()
    thread.join(WITHIN_S)


if sys.argv[1] == "consume":
    consume()
else:
    for check in CHECKS:
        name = check.__name__.replace("_", " ")
        try:
            check()
            say({"check": name, "passed": True})
        except Exception:  # pylint: disable=broad-except
            say({"check": name, "passed": False, "why": traceback.format_exc()})
