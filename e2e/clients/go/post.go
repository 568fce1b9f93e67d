package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
)

// post posts what it reads: a line is a session's id and a body, and the status is printed. A line that comes meanwhile cancels the
// request, and "cancelled" is printed.
func post(httpClient *http.Client, url string, input io.Reader) {
	var cancel context.CancelFunc
	done := make(chan string)
	lines := make(chan string)
	go func() {
		scanner := bufio.NewScanner(input)
		for scanner.Scan() {
			lines <- scanner.Text()
		}
		close(lines)
	}()
	for {
		select {
		case line, more := <-lines:
			if !more {
				return
			}
			if cancel != nil {
				cancel()
				continue
			}
			var ctx context.Context
			ctx, cancel = context.WithCancel(context.Background())
			go func() { done <- sent(ctx, httpClient, url, line) }()
		case result := <-done:
			cancel()
			cancel = nil
			fmt.Println(result)
		}
	}
}

func sent(ctx context.Context, httpClient *http.Client, url, line string) string {
	session, body, _ := strings.Cut(line, " ")
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Mcp-Session-Id", session)
	request.Header.Set("Content-Type", "application/json")
	response, err := httpClient.Do(request)
	if err == nil {
		_, err = io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	if errors.Is(err, context.Canceled) {
		return "cancelled"
	}
	if err != nil {
		log.Fatal(err)
	}
	return fmt.Sprint(response.StatusCode)
}
