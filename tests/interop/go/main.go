// What Go's client does with the hub: one line of JSON a check on standard output.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azeventhubs/v2"
)

var connection, hub = os.Getenv("HUB_CONNECTION_STRING"), os.Getenv("HUB_NAME")

// More than the client fetches ahead, so that it has to ask again.
const events = 1000
const partition = "5"

func producer() (*azeventhubs.ProducerClient, error) {
	return azeventhubs.NewProducerClientFromConnectionString(connection, hub, nil)
}

func properties(ctx context.Context) error {
	client, err := producer()
	if err != nil {
		return err
	}
	defer client.Close(ctx)
	answer, err := client.GetEventHubProperties(ctx, nil)
	if err != nil {
		return err
	}
	if answer.Name != hub || len(answer.PartitionIDs) != 8 {
		return fmt.Errorf("unexpected properties %v", answer)
	}
	_, err = client.GetPartitionProperties(ctx, partition, nil)
	return err
}

func sendAndReceive(ctx context.Context) error {
	client, err := producer()
	if err != nil {
		return err
	}
	defer client.Close(ctx)
	before, err := client.GetPartitionProperties(ctx, partition, nil)
	if err != nil {
		return err
	}
	id := partition
	batch, err := client.NewEventDataBatch(ctx, &azeventhubs.EventDataBatchOptions{PartitionID: &id})
	if err != nil {
		return err
	}
	for index := 0; index < events; index++ {
		event := &azeventhubs.EventData{Body: []byte(fmt.Sprint(index)), Properties: map[string]any{"index": int64(index)}}
		if err := batch.AddEventData(event, nil); err != nil {
			return err
		}
	}
	if err := client.SendEventDataBatch(ctx, batch, nil); err != nil {
		return err
	}
	consumer, err := azeventhubs.NewConsumerClientFromConnectionString(connection, hub, azeventhubs.DefaultConsumerGroup, nil)
	if err != nil {
		return err
	}
	defer consumer.Close(ctx)
	from := azeventhubs.StartPosition{SequenceNumber: &before.LastEnqueuedSequenceNumber}
	reader, err := consumer.NewPartitionClient(partition, &azeventhubs.PartitionClientOptions{StartPosition: from})
	if err != nil {
		return err
	}
	defer reader.Close(ctx)
	for got := 0; got < events; {
		received, err := reader.ReceiveEvents(ctx, 100, nil)
		if err != nil {
			return fmt.Errorf("after %d events: %w", got, err)
		}
		for _, event := range received {
			if string(event.Body) != fmt.Sprint(got) {
				return fmt.Errorf("event %d is %q", got, event.Body)
			}
			got++
		}
	}
	return nil
}

func refusals(ctx context.Context) error {
	client, err := producer()
	if err != nil {
		return err
	}
	defer client.Close(ctx)
	unknown := "99"
	_, err = client.NewEventDataBatch(ctx, &azeventhubs.EventDataBatchOptions{PartitionID: &unknown})
	if err == nil || !strings.Contains(err.Error(), "partition is invalid") {
		return fmt.Errorf("partition 99 was not refused: %v", err)
	}
	return nil
}

func main() {
	checks := []struct {
		name string
		run  func(context.Context) error
	}{
		{"properties of hub and partition", properties},
		{"a thousand events, sent and received on one link", sendAndReceive},
		{"a wrong partition is refused", refusals},
	}
	for _, check := range checks {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		line := map[string]any{"check": check.name, "passed": true}
		if err := check.run(ctx); err != nil {
			line = map[string]any{"check": check.name, "passed": false, "why": err.Error()}
		}
		cancel()
		text, _ := json.Marshal(line)
		fmt.Println(string(text))
	}
}
