// Calls a mounted server, then saves a memory under each title that it reads, with the transport of examples/clients/again.go, and prints its id.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func main() {
	client := mcp.NewClient(&mcp.Implementation{Name: "mcpist-again", Version: "1.0.0"}, nil)
	session, err := client.Connect(context.Background(), &mcp.StreamableClientTransport{
		Endpoint:   os.Args[1],
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
		Arguments: map[string]any{"text": "go"},
	})
	if err != nil || echoed.Content[0].(*mcp.TextContent).Text != "go" {
		log.Fatal(err, echoed)
	}
	titles := bufio.NewScanner(os.Stdin)
	for titles.Scan() {
		saved, err := session.CallTool(context.Background(), &mcp.CallToolParams{
			Name: "memory_save",
			Arguments: map[string]any{
				"title": titles.Text(),
				"text":  "Saved while something breaks",
			},
		})
		if err != nil || saved.IsError {
			log.Fatal(err, saved)
		}
		fmt.Println(saved.StructuredContent.(map[string]any)["id"])
	}
}
