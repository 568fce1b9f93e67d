// Saves memories one after another until its input ends, and prints a line of JSON for each.
// Usage: save LIBRARY URL TITLE plain|again
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"runtime/debug"
	"sync/atomic"
	"time"

	mark3labs "github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	mark3labsmcp "github.com/mark3labs/mcp-go/mcp"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

var (
	id      = regexp.MustCompile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
	servers = regexp.MustCompile("could not be reached|outcome is unknown|first sending")
)

type call = func(tool string, arguments map[string]any) (any, bool, error)

func goSDK(url string, httpClient *http.Client) (call, error) {
	client := mcp.NewClient(&mcp.Implementation{Name: "mcpist-bench", Version: "1.0.0"}, nil)
	session, err := client.Connect(context.Background(),
		&mcp.StreamableClientTransport{Endpoint: url, HTTPClient: httpClient}, nil)
	if err != nil {
		return nil, err
	}
	return func(tool string, arguments map[string]any) (any, bool, error) {
		saved, err := session.CallTool(context.Background(), &mcp.CallToolParams{Name: tool, Arguments: arguments})
		if err != nil {
			return nil, false, err
		}
		return saved.StructuredContent, saved.IsError, nil
	}, nil
}

func mcpGo(url string, httpClient *http.Client) (call, error) {
	client, err := mark3labs.NewStreamableHttpClient(url, transport.WithHTTPBasicClient(httpClient))
	if err != nil {
		return nil, err
	}
	if err = client.Start(context.Background()); err != nil {
		return nil, err
	}
	if _, err = client.Initialize(context.Background(), mark3labsmcp.InitializeRequest{}); err != nil {
		return nil, err
	}
	return func(tool string, arguments map[string]any) (any, bool, error) {
		saved, err := client.CallTool(context.Background(), mark3labsmcp.CallToolRequest{
			Params: mark3labsmcp.CallToolParams{Name: tool, Arguments: arguments},
		})
		if err != nil {
			return nil, false, err
		}
		return saved.StructuredContent, saved.IsError, nil
	}, nil
}

func save(call call, title string) (string, error) {
	saved, failed, err := call("memory_save",
		map[string]any{"title": title, "text": "Saved while something breaks"})
	if err != nil {
		return "", err
	}
	text, _ := json.Marshal(saved)
	if found := id.FindString(string(text)); found != "" && !failed {
		return found, nil
	}
	return "", errors.New(string(text))
}

func main() {
	library, url, title, mode := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	connect, module := goSDK, "github.com/modelcontextprotocol/go-sdk"
	if library == "mcp-go" {
		connect, module = mcpGo, "github.com/mark3labs/mcp-go"
	}
	out := json.NewEncoder(os.Stdout)
	build, _ := debug.ReadBuildInfo()
	for _, dependency := range build.Deps {
		if dependency.Path == module {
			out.Encode(map[string]any{"library": library + " " + dependency.Version[1:]})
		}
	}
	httpClient := &http.Client{}
	if mode == "again" {
		httpClient.Transport = Again{http.DefaultTransport}
	}
	var over atomic.Bool
	go func() {
		io.Copy(io.Discard, os.Stdin)
		over.Store(true)
	}()
	for number := 0; !over.Load(); {
		call, err := connect(url, httpClient)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			time.Sleep(500 * time.Millisecond)
			continue
		}
		if number > 0 {
			out.Encode(map[string]any{"reconnected": true})
		}
		for alive := 2; alive > 0 && !over.Load(); {
			number++
			saved, err := save(call, fmt.Sprintf("%s %d", title, number))
			if err == nil {
				out.Encode(map[string]any{"n": number, "id": saved})
				alive = 2
				continue
			}
			out.Encode(map[string]any{"n": number, "error": err.Error()})
			if servers.MatchString(err.Error()) {
				alive = 2
			} else {
				alive--
			}
		}
	}
}
