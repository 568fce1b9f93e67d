// Calls a mounted server, then saves a memory under each title that it reads, with the transport of examples/clients/again.go, and prints its id.
// With post it does what post.go says. Usage: save URL go-sdk|mcp-go|post
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	mark3labs "github.com/mark3labs/mcp-go/mcp"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// A caller lists the tools, and returns what calls one: its structured content or its text.
type caller = func(ctx context.Context, url string, httpClient *http.Client) (
	func(tool string, arguments map[string]any) (any, error), error)

func goSDK(ctx context.Context, url string, httpClient *http.Client) (func(string, map[string]any) (any, error), error) {
	transport := &mcp.StreamableClientTransport{Endpoint: url, HTTPClient: httpClient, OAuthHandler: &signIn{}}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "mcpist-again", Version: "1.0.0"}, nil).Connect(ctx, transport, nil)
	if err != nil {
		return nil, err
	}
	if _, err := session.ListTools(ctx, nil); err != nil {
		return nil, err
	}
	return func(tool string, arguments map[string]any) (any, error) {
		result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: tool, Arguments: arguments})
		if err != nil || result.IsError {
			return nil, fmt.Errorf("%v %v", err, result)
		}
		if result.StructuredContent != nil {
			return result.StructuredContent, nil
		}
		return result.Content[0].(*mcp.TextContent).Text, nil
	}, nil
}

func mcpGo(ctx context.Context, url string, httpClient *http.Client) (func(string, map[string]any) (any, error), error) {
	connected, err := client.NewStreamableHttpClient(url, transport.WithHTTPBasicClient(&http.Client{Transport: signingIn{httpClient.Transport}}))
	if err != nil {
		return nil, err
	}
	if err := connected.Start(ctx); err != nil {
		return nil, err
	}
	if _, err := connected.Initialize(ctx, mark3labs.InitializeRequest{}); err != nil {
		return nil, err
	}
	if _, err := connected.ListTools(ctx, mark3labs.ListToolsRequest{}); err != nil {
		return nil, err
	}
	return func(tool string, arguments map[string]any) (any, error) {
		params := mark3labs.CallToolParams{Name: tool, Arguments: arguments}
		result, err := connected.CallTool(ctx, mark3labs.CallToolRequest{Params: params})
		if err != nil || result.IsError {
			return nil, fmt.Errorf("%v %v", err, result)
		}
		if result.StructuredContent != nil {
			return result.StructuredContent, nil
		}
		return result.Content[0].(mark3labs.TextContent).Text, nil
	}, nil
}

func main() {
	httpClient := &http.Client{Transport: Again{http.DefaultTransport}}
	if os.Args[2] == "post" {
		post(httpClient, os.Args[1], os.Stdin)
		return
	}
	connect := map[string]caller{"go-sdk": goSDK, "mcp-go": mcpGo}[os.Args[2]]
	call, err := connect(context.Background(), os.Args[1], httpClient)
	if err != nil {
		log.Fatal(err)
	}
	echoed, err := call("echo_echo", map[string]any{"text": "go"})
	if err != nil || echoed != "go" {
		log.Fatal(err, echoed)
	}
	titles := bufio.NewScanner(os.Stdin)
	for titles.Scan() {
		saved, err := call("memory_save", map[string]any{"title": titles.Text(), "text": "Saved while something breaks"})
		if err != nil {
			log.Fatal(err)
		}
		text, _ := json.Marshal(saved)
		var memory struct{ ID string }
		if err := json.Unmarshal(text, &memory); err != nil || memory.ID == "" {
			log.Fatal(err, string(text))
		}
		fmt.Println(memory.ID)
	}
}
