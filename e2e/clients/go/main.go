// Calls a mounted server, then saves memories one after another with the transport of examples/clients/again.go, and prints the id of each.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func main() {
	url, title := os.Args[1], os.Args[2]
	count, err := strconv.Atoi(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "mcpist-again", Version: "1.0.0"}, nil)
	session, err := client.Connect(context.Background(), &mcp.StreamableClientTransport{
		Endpoint:   url,
		HTTPClient: &http.Client{Transport: Again{http.DefaultTransport}},
	}, nil)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := session.ListTools(context.Background(), nil); err != nil {
		log.Fatal(err)
	}
	echoed, err := session.CallTool(context.Background(), &mcp.CallToolParams{
		Name:      "echo_echo",
		Arguments: map[string]any{"text": title},
	})
	if err != nil || echoed.Content[0].(*mcp.TextContent).Text != title {
		log.Fatal(err, echoed)
	}
	for number := range count {
		saved, err := session.CallTool(context.Background(), &mcp.CallToolParams{
			Name: "memory_save",
			Arguments: map[string]any{
				"title": fmt.Sprintf("%s %d", title, number),
				"text":  "Saved while something breaks",
			},
		})
		if err != nil || saved.IsError {
			log.Fatal(err, saved)
		}
		fmt.Println(saved.StructuredContent.(map[string]any)["id"])
		// So that what breaks meanwhile breaks in the middle.
		time.Sleep(10 * time.Millisecond)
	}
}
